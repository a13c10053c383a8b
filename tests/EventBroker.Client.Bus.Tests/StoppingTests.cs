using EventBroker.Client.Testing;

namespace EventBroker.Client.Bus.Tests;

public class StoppingTests
{
    [Fact]
    public async Task Stopping_lets_the_handler_finish_and_sends_its_ack()
    {
        await using var fixture = await BusFixture.StartAsync();
        var gate = new TaskCompletionSource();
        var handled = new Handled((_, _) => gate.Task);
        var subscription = await fixture.Orders.SubscribeAsync(handled.HandleAsync);
        var first = await fixture.Orders.PublishAsync(new Order(1));
        await fixture.Orders.PublishAsync(new Order(2));
        var (_, context) = await handled.NextAsync();

        var stopping = subscription.DisposeAsync().AsTask();
        Assert.False(stopping.IsCompleted);
        Assert.False(context.CancellationToken.IsCancellationRequested);
        gate.SetResult();
        await stopping;

        Assert.Equal([first], fixture.Broker.Settlements.Select(static s => s.MessageId));
        Assert.Equal(1, handled.Count);
        await subscription.Completion;
    }

    [Fact]
    public async Task After_the_stop_timeout_the_handler_is_cancelled_and_its_message_comes_again()
    {
        await using var fixture = await BusFixture.StartAsync();
        var handled = new Handled((_, context) => Task.Delay(Timeout.InfiniteTimeSpan, fixture.Time, context.CancellationToken));
        var options = new HandlerOptions
        {
            Subscription = { WorkerGroup = "packers" },
            StopTimeout = TimeSpan.FromSeconds(3),
        };
        var subscription = await fixture.Orders.SubscribeAsync(handled.HandleAsync, options);
        var id = await fixture.Orders.PublishAsync(new Order(1));
        await handled.NextAsync();

        var stopping = subscription.DisposeAsync().AsTask();
        fixture.Time.Advance(TimeSpan.FromSeconds(3));
        await stopping;

        Assert.Equal(1, fixture.Log.Count(5103));
        Assert.Empty(fixture.Log.Errors);
        var again = new Handled();
        await using var other = await fixture.Orders.SubscribeAsync(again.HandleAsync, options);
        Assert.Equal(id, (await again.NextAsync()).Context.Id);
        Assert.Equal(1, (await fixture.Broker.WhenAckedAsync(id)).RetryCount);
    }

    [Fact]
    public async Task A_token_cancels_the_handlers_before_the_stop_timeout_does()
    {
        await using var fixture = await BusFixture.StartAsync();
        var handled = new Handled((_, context) => Task.Delay(Timeout.InfiniteTimeSpan, fixture.Time, context.CancellationToken));
        var subscription = await fixture.Orders.SubscribeAsync(handled.HandleAsync);
        await fixture.Orders.PublishAsync(new Order(1));
        var (_, context) = await handled.NextAsync();

        await subscription.StopAsync(new CancellationToken(canceled: true));

        Assert.True(context.CancellationToken.IsCancellationRequested);
        Assert.Empty(fixture.Broker.Settlements);
        Assert.Equal(1, fixture.Log.Count(5103));
        await subscription.Completion;
    }

    [Fact]
    public async Task A_handler_that_ignores_its_cancellation_is_left_behind()
    {
        await using var fixture = await BusFixture.StartAsync();
        var gate = new TaskCompletionSource();
        var handled = new Handled((_, _) => gate.Task);
        var subscription = await fixture.Orders.SubscribeAsync(handled.HandleAsync, new HandlerOptions { StopTimeout = TimeSpan.Zero });
        await fixture.Orders.PublishAsync(new Order(1));
        var (_, context) = await handled.NextAsync();

        var cancelled = new TaskCompletionSource();
        await using var registration = context.CancellationToken.Register(cancelled.SetResult);
        var stopping = subscription.DisposeAsync().AsTask();
        await cancelled.Task;
        while (!stopping.IsCompleted)
        {
            fixture.Time.Advance(TimeSpan.FromSeconds(1));
            await fixture.Broker.Transport.CheckHealthAsync();
        }

        await stopping;
        Assert.Equal(1, fixture.Log.Count(5113));
        Assert.False(subscription.Completion.IsCompleted);
        gate.SetResult();
        await subscription.Completion;
    }

    // As a host does it: stop, then dispose. Each of them once waited its whole time.
    [Fact]
    public async Task Stopping_twice_waits_once_also_for_a_handler_that_ignores_everything()
    {
        await using var fixture = await BusFixture.StartAsync();
        var gate = new TaskCompletionSource();
        var handled = new Handled((_, _) => gate.Task);
        var subscription = await fixture.Orders.SubscribeAsync(handled.HandleAsync);
        await fixture.Orders.PublishAsync(new Order(1));
        var (_, context) = await handled.NextAsync();
        var cancelled = new TaskCompletionSource();
        await using var registration = context.CancellationToken.Register(cancelled.SetResult);

        var stopping = subscription.StopAsync(new CancellationToken(canceled: true));
        await cancelled.Task;
        while (!stopping.IsCompleted)
        {
            fixture.Time.Advance(TimeSpan.FromSeconds(1));
            await fixture.Broker.Transport.CheckHealthAsync();
        }

        await stopping;
        await subscription.DisposeAsync();
        await subscription.StopAsync(CancellationToken.None);
        Assert.Equal(1, fixture.Log.Count(5113));
        gate.SetResult();
        await subscription.Completion;
    }

    [Fact]
    public async Task A_handler_that_fails_when_it_is_cancelled_has_its_message_nacked()
    {
        await using var fixture = await BusFixture.StartAsync();
        var handled = new Handled(async (_, context) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, fixture.Time, context.CancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw new InvalidOperationException("half done");
        });
        var subscription = await fixture.Orders.SubscribeAsync(handled.HandleAsync);
        var id = await fixture.Orders.PublishAsync(new Order(1));
        await handled.NextAsync();

        await subscription.StopAsync(new CancellationToken(canceled: true));

        Assert.Equal("half done", (await fixture.Broker.WhenNackedAsync(id)).Reason);
    }

    [Fact]
    public async Task A_handler_that_returns_when_it_is_cancelled_has_its_message_acked()
    {
        await using var fixture = await BusFixture.StartAsync();
        var handled = new Handled((_, context) =>
            ((Task)Task.Delay(Timeout.InfiniteTimeSpan, fixture.Time, context.CancellationToken).ContinueWith(
                static _ => { }, TaskScheduler.Default)));
        var subscription = await fixture.Orders.SubscribeAsync(handled.HandleAsync);
        var id = await fixture.Orders.PublishAsync(new Order(1));
        await handled.NextAsync();

        await subscription.StopAsync(new CancellationToken(canceled: true));

        await fixture.Broker.WhenAckedAsync(id);
    }

    [Fact]
    public async Task A_second_stop_that_has_no_time_cancels_the_handlers_that_the_first_waits_for()
    {
        await using var fixture = await BusFixture.StartAsync();
        var handled = new Handled((_, context) => Task.Delay(Timeout.InfiniteTimeSpan, fixture.Time, context.CancellationToken));
        var subscription = await fixture.Orders.SubscribeAsync(handled.HandleAsync);
        await fixture.Orders.PublishAsync(new Order(1));
        await handled.NextAsync();

        var patient = subscription.DisposeAsync().AsTask();
        await subscription.StopAsync(new CancellationToken(canceled: true));

        await patient;
        Assert.Equal(1, fixture.Log.Count(5103));
    }

    [Fact]
    public async Task A_handler_that_cancels_itself_has_failed()
    {
        await using var fixture = await BusFixture.StartAsync();
        await using var subscription = await fixture.Orders.SubscribeAsync(static (_, _) => throw new OperationCanceledException("by itself"));

        var id = await fixture.Orders.PublishAsync(new Order(1));

        Assert.Equal("by itself", (await fixture.Broker.WhenNackedAsync(id)).Reason);
        Assert.Equal(1, fixture.Log.Count(5100));
    }

    [Fact]
    public async Task Disposing_twice_is_fine()
    {
        await using var fixture = await BusFixture.StartAsync();
        var subscription = await fixture.Orders.SubscribeAsync(static (_, _) => Task.CompletedTask);

        await subscription.DisposeAsync();
        await subscription.DisposeAsync();
    }

    [Fact]
    public async Task A_subscription_that_has_ended_says_why()
    {
        await using var fixture = await BusFixture.StartAsync();
        await using var subscription = await fixture.Orders.SubscribeAsync(
            static (_, _) => Task.CompletedTask, new HandlerOptions { Concurrency = 3 });

        await fixture.Orders.UnregisterAsync();
        while (!subscription.Completion.IsCompleted)
        {
            // Past the wait before the subscription is opened again.
            fixture.Time.Advance(TimeSpan.FromMilliseconds(250));
            await fixture.Broker.Transport.CheckHealthAsync();
        }

        var reason = await Assert.ThrowsAsync<EventBrokerException>(() => subscription.Completion);
        Assert.Equal(ErrorCode.NotFound, reason.Code);
    }

    [Fact]
    public async Task It_ends_with_its_transport()
    {
        await using var fixture = await BusFixture.StartAsync();
        var subscription = await fixture.Orders.SubscribeAsync(static (_, _) => Task.CompletedTask);

        await fixture.Transport.DisposeAsync();

        await subscription.Completion;
        await subscription.DisposeAsync();
    }

    [Fact]
    public async Task Subscribing_to_what_does_not_exist_is_refused()
    {
        await using var fixture = await BusFixture.StartAsync();

        var refused = await Assert.ThrowsAsync<EventBrokerException>(
            () => fixture.Bus.Event<Order>("nothing").SubscribeAsync(static (_, _) => Task.CompletedTask));

        Assert.Equal(ErrorCode.NotFound, refused.Code);
    }
}
