using EventBroker.Client.Testing;

namespace EventBroker.Client.Bus.Tests;

public class TimeAndRetryTests
{
    [Fact]
    public async Task A_handler_that_takes_too_long_is_cancelled_and_its_message_given_back()
    {
        await using var fixture = await BusFixture.StartAsync();
        var handled = new Handled((_, context) => Task.Delay(Timeout.InfiniteTimeSpan, fixture.Time, context.CancellationToken));
        await using var subscription = await fixture.Orders.SubscribeAsync(
            handled.HandleAsync, new HandlerOptions { HandlerTimeout = TimeSpan.FromSeconds(2) });
        var id = await fixture.Orders.PublishAsync(new Order(1));
        await handled.NextAsync();

        fixture.Time.Advance(TimeSpan.FromSeconds(2));

        Assert.Contains("00:00:02", (await fixture.Broker.WhenNackedAsync(id)).Reason, StringComparison.Ordinal);
        Assert.Equal(1, fixture.Log.Count(5102));
    }

    [Fact]
    public async Task A_handler_that_ends_well_in_spite_of_its_timeout_acks()
    {
        await using var fixture = await BusFixture.StartAsync();
        var gate = new TaskCompletionSource();
        var handled = new Handled((_, _) => gate.Task);
        await using var subscription = await fixture.Orders.SubscribeAsync(
            handled.HandleAsync, new HandlerOptions { HandlerTimeout = TimeSpan.FromSeconds(2) });
        var id = await fixture.Orders.PublishAsync(new Order(1));
        var (_, context) = await handled.NextAsync();

        fixture.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(context.CancellationToken.IsCancellationRequested);
        gate.SetResult();

        await fixture.Broker.WhenAckedAsync(id);
    }

    [Fact]
    public async Task A_handler_that_throws_is_tried_again_right_here_before_its_message_is_given_back()
    {
        await using var fixture = await BusFixture.StartAsync();
        var attempts = 0;
        await using var subscription = await fixture.Orders.SubscribeAsync(
            (_, context) => ++attempts < 3 ? throw new Exception("not yet") : Task.FromResult(context),
            new HandlerOptions { Retry = { MaxRetries = 2, FirstBackoff = TimeSpan.Zero, LongestBackoff = TimeSpan.Zero } });

        var id = await fixture.Orders.PublishAsync(new Order(1));

        Assert.Equal(0, (await fixture.Broker.WhenAckedAsync(id)).RetryCount);
        Assert.Equal(3, attempts);
        Assert.Empty(fixture.Log.Errors);
    }

    [Fact]
    public async Task When_no_attempt_succeeds_the_message_is_given_back_with_the_last_reason()
    {
        await using var fixture = await BusFixture.StartAsync();
        var attempts = 0;
        await using var subscription = await fixture.Orders.SubscribeAsync(
            (_, _) => throw new Exception($"attempt {++attempts}"),
            new HandlerOptions { Retry = { MaxRetries = 2, FirstBackoff = TimeSpan.Zero, LongestBackoff = TimeSpan.Zero } });

        var id = await fixture.Orders.PublishAsync(new Order(1));

        Assert.Equal("attempt 3", (await fixture.Broker.WhenNackedAsync(id)).Reason);
    }

    [Fact]
    public async Task What_is_not_worth_a_retry_is_given_back_at_once()
    {
        await using var fixture = await BusFixture.StartAsync();
        var attempts = 0;
        await using var subscription = await fixture.Orders.SubscribeAsync(
            (_, _) => throw new NotSupportedException($"attempt {++attempts}"),
            new HandlerOptions { Retry = { MaxRetries = 2 }, ShouldRetry = static exception => exception is not NotSupportedException });

        var id = await fixture.Orders.PublishAsync(new Order(1));

        Assert.Equal("attempt 1", (await fixture.Broker.WhenNackedAsync(id)).Reason);
    }

    [Fact]
    public async Task The_message_of_a_slow_handler_is_extended_and_comes_once()
    {
        await using var fixture = await BusFixture.StartAsync();
        var gate = new TaskCompletionSource();
        var handled = new Handled((_, _) => gate.Task);
        await using var subscription = await fixture.Orders.SubscribeAsync(
            handled.HandleAsync, new HandlerOptions { Subscription = { AckTimeout = TimeSpan.FromSeconds(10) }, Concurrency = 2 });
        var id = await fixture.Orders.PublishAsync(new Order(1));
        await handled.NextCountedAsync(fixture);

        for (var extensions = 1; extensions <= 6; extensions++)
        {
            fixture.Time.Advance(TimeSpan.FromSeconds(5));
            await fixture.Wire.WhenAsync("Ack", extensions);
        }

        gate.SetResult();
        Assert.Equal(0, (await fixture.Broker.WhenAckedAsync(id)).RetryCount);
        Assert.Equal(1, handled.Count);
        Assert.Equal(6, fixture.Broker.Settlements.Count(static s => s.Kind == TestSettlementKind.Extended));
    }

    [Fact]
    public async Task Messages_that_wait_behind_a_slow_handler_are_extended_and_come_once()
    {
        const string EventName = "slow.work";
        await using var fixture = await BusFixture.StartAsync(batchSize: 1);
        await fixture.Transport.RegisterAsync(EventName);
        var gate = new TaskCompletionSource();
        var handled = new Handled((_, _) => gate.Task);
        using var received = new ReceivedMessages(EventName);
        await using var subscription = await fixture.Bus.Event<Order>(EventName).SubscribeAsync(
            handled.HandleAsync,
            new HandlerOptions { Subscription = { AckTimeout = TimeSpan.FromSeconds(10), BufferSize = 2, MaxInFlight = 4 } });
        var ids = new List<string>();
        for (var i = 1; i <= 4; i++)
        {
            ids.Add(await fixture.Bus.Event<Order>(EventName).PublishAsync(new Order(i)));
        }

        // The first is at its handler, two wait in the buffer, and the fourth waits for room there.
        await handled.NextAsync();
        await received.ReachAsync(4);
        for (var round = 1; round <= 6; round++)
        {
            fixture.Time.Advance(TimeSpan.FromSeconds(5));
            await fixture.Wire.WhenAsync("Ack", 4 * round);
        }

        gate.SetResult();
        foreach (var id in ids)
        {
            Assert.Equal(0, (await fixture.Broker.WhenAckedAsync(id)).RetryCount);
        }
    }

    // The handler goes on to the next message right when its token is cancelled.
    [Fact]
    public async Task The_timeout_of_one_message_does_not_end_the_extension_of_the_next()
    {
        const string EventName = "late.work";
        await using var fixture = await BusFixture.StartAsync(batchSize: 1);
        var work = fixture.Bus.Event<Order>(EventName);
        await work.RegisterAsync();
        using var received = new ReceivedMessages(EventName);
        var gate = new TaskCompletionSource();
        var handled = new Handled((order, context) => order.Number == 1 ? gate.Task.WaitAsync(context.CancellationToken) : gate.Task);
        await using var subscription = await work.SubscribeAsync(
            handled.HandleAsync,
            new HandlerOptions
            {
                Subscription = { AckTimeout = TimeSpan.FromSeconds(10) },
                HandlerTimeout = TimeSpan.FromSeconds(8),
                NackDelay = static _ => TimeSpan.FromHours(1),
            });
        await work.PublishAsync(new Order(1));
        var second = await work.PublishAsync(new Order(2));
        await handled.NextAsync();
        await received.ReachAsync(2);

        fixture.Time.Advance(TimeSpan.FromSeconds(5));
        await fixture.Wire.WhenAsync("Ack", 2);
        fixture.Time.Advance(TimeSpan.FromSeconds(3));
        await handled.NextAsync();
        await fixture.Wire.WhenAsync("Ack", 3);
        fixture.Time.Advance(TimeSpan.FromSeconds(4.5));
        await fixture.Wire.WhenAsync("Ack", 4);

        Assert.Equal(2, fixture.Broker.Settlements.Count(s => s.MessageId == second && s.Kind == TestSettlementKind.Extended));
        gate.SetResult();
        Assert.Equal(0, (await fixture.Broker.WhenAckedAsync(second)).RetryCount);
    }

    [Fact]
    public async Task A_handler_whose_message_is_lost_with_its_stream_is_told_to_stop_and_that_is_logged_once()
    {
        await using var fixture = await BusFixture.StartAsync();
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var handled = new Handled(async (_, context) =>
        {
            if (context.RetryCount == 0)
            {
                await using var registration = context.CancellationToken.Register(cancelled.SetResult);
                await cancelled.Task;
            }
        });
        await using var subscription = await fixture.Orders.SubscribeAsync(
            handled.HandleAsync,
            new HandlerOptions { Subscription = { WorkerGroup = "g", AckTimeout = TimeSpan.FromHours(1) }, Concurrency = 2 });
        var id = await fixture.Orders.PublishAsync(new Order(1));
        await handled.NextAsync();

        fixture.Wire.BreakStreams();
        await cancelled.Task;
        while (!fixture.Broker.WhenAckedAsync(id).IsCompleted)
        {
            // Past the wait before the subscription is opened again.
            fixture.Time.Advance(TimeSpan.FromMilliseconds(250));
            await fixture.Broker.Transport.CheckHealthAsync();
        }

        Assert.Equal(1, (await fixture.Broker.WhenAckedAsync(id)).RetryCount);
        Assert.Equal(1, fixture.Log.Count(5018));
        Assert.Empty(fixture.Log.Errors);
    }

    [Fact]
    public async Task With_latest_only_the_handler_gets_the_newest_of_what_has_piled_up()
    {
        await using var fixture = await BusFixture.StartAsync();
        var gate = new TaskCompletionSource();
        var handled = new Handled((order, _) => order.Number == 1 ? gate.Task : Task.CompletedTask);
        await using var subscription = await fixture.Orders.SubscribeAsync(
            handled.HandleAsync, new HandlerOptions { Subscription = { LatestOnly = true } });
        await fixture.Orders.PublishAsync(new Order(1));
        await handled.NextAsync();
        for (var i = 2; i <= 10; i++)
        {
            await fixture.Orders.PublishAsync(new Order(i));
        }

        gate.SetResult();

        Assert.Equal(10, (await handled.NextAsync()).Order.Number);
    }

    [Fact]
    public async Task With_latest_only_and_auto_ack_the_program_finds_the_newest()
    {
        const string EventName = "prices";
        await using var fixture = await BusFixture.StartAsync();
        await fixture.Transport.RegisterAsync(EventName);
        using var received = new ReceivedMessages(EventName);
        await using var subscription = await fixture.Transport.SubscribeAsync(
            EventName, new SubscribeOptions { LatestOnly = true, AutoAck = true });
        for (var i = 1; i <= 10; i++)
        {
            await fixture.Transport.PublishAsync(EventName, new OutgoingMessage { Id = $"{i}" });
            await received.ReachAsync(1);
        }

        Assert.Equal("10", (await subscription.NextAsync()).Id);
        Assert.False(subscription.NextAsync().IsCompleted);
    }

    [Fact]
    public async Task No_more_is_asked_for_than_can_be_extended()
    {
        await using var fixture = await BusFixture.StartAsync();
        var gate = new TaskCompletionSource();
        var handled = new Handled((order, _) => order.Number > 1 ? Task.CompletedTask : gate.Task);
        var options = new HandlerOptions { Subscription = { WorkerGroup = "g", BufferSize = 2 } };
        await using var slow = await fixture.Orders.SubscribeAsync(handled.HandleAsync, options);
        var first = await fixture.Orders.PublishAsync(new Order(1));
        await handled.NextAsync();

        // Two more wait there; the other member of the group gets the rest.
        await using var quick = await fixture.Orders.SubscribeAsync(handled.HandleAsync, options);
        for (var i = 2; i <= 20; i++)
        {
            await fixture.Orders.PublishAsync(new Order(i));
        }

        for (var i = 0; i < 17; i++)
        {
            await handled.NextAsync();
        }

        gate.SetResult();
        await fixture.Broker.WhenAckedAsync(first);
    }

    [Fact]
    public async Task Beyond_the_longest_extension_the_message_comes_again()
    {
        await using var fixture = await BusFixture.StartAsync();
        var gate = new TaskCompletionSource();
        var handled = new Handled((_, context) => context.RetryCount == 0 ? gate.Task : Task.CompletedTask);
        await using var subscription = await fixture.Orders.SubscribeAsync(
            handled.HandleAsync,
            new HandlerOptions
            {
                Subscription = { AckTimeout = TimeSpan.FromSeconds(10) },
                MaxExtension = TimeSpan.FromSeconds(12),
                Concurrency = 2,
            });
        var id = await fixture.Orders.PublishAsync(new Order(1));
        var first = await handled.NextCountedAsync(fixture);

        fixture.Time.Advance(TimeSpan.FromSeconds(5));
        await fixture.Wire.WhenAsync("Ack", 1);
        fixture.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.False(first.Context.CancellationToken.IsCancellationRequested);
        fixture.Time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(1, (await handled.NextAsync()).Context.RetryCount);
        Assert.Equal(1, (await fixture.Broker.WhenAckedAsync(id)).RetryCount);

        // The first handler is told that the message is not its own any more, once.
        Assert.True(first.Context.CancellationToken.IsCancellationRequested);
        gate.SetResult();
        await subscription.DisposeAsync();
        Assert.Equal(1, fixture.Log.Count(5018));
        Assert.Equal(0, fixture.Log.Count(5110));
    }

    [Fact]
    public async Task Without_extension_the_message_comes_again_after_its_deadline()
    {
        await using var fixture = await BusFixture.StartAsync();
        var gate = new TaskCompletionSource();
        var handled = new Handled((_, context) => context.RetryCount == 0 ? gate.Task : Task.CompletedTask);
        await using var subscription = await fixture.Orders.SubscribeAsync(
            handled.HandleAsync,
            new HandlerOptions
            {
                Subscription = { AckTimeout = TimeSpan.FromSeconds(10) },
                ExtendWhileHandling = false,
                Concurrency = 2,
            });
        await fixture.Orders.PublishAsync(new Order(1));
        var (_, first) = await handled.NextCountedAsync(fixture);

        fixture.Time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(1, (await handled.NextAsync()).Context.RetryCount);
        Assert.True(first.CancellationToken.IsCancellationRequested);
        gate.SetResult();
    }

    // Whoever has the message now may do well with it.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_handler_that_fails_after_its_message_was_lost_makes_no_dead_letter_of_it(bool heedsItsToken)
    {
        await using var fixture = await BusFixture.StartAsync();
        var gate = new TaskCompletionSource();
        var handled = new Handled(async (_, context) =>
        {
            if (context.RetryCount == 0)
            {
                await gate.Task;
                context.CancellationToken.ThrowIfCancellationRequested();
                throw new InvalidOperationException(heedsItsToken ? "not told to stop" : "failed");
            }
        });
        await using var subscription = await fixture.Orders.SubscribeAsync(
            (order, context) => handled.HandleAsync(order, heedsItsToken ? context : new EventContext(context.EventName, context.Id) { RetryCount = context.RetryCount }),
            new HandlerOptions
            {
                Subscription = { AckTimeout = TimeSpan.FromSeconds(10) },
                ExtendWhileHandling = false,
                Concurrency = 2,
                MaxAttempts = 1,
            });
        var id = await fixture.Orders.PublishAsync(new Order(1));
        await handled.NextCountedAsync(fixture);

        fixture.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(1, (await fixture.Broker.WhenAckedAsync(id)).RetryCount);
        gate.SetResult();
        await subscription.DisposeAsync();

        Assert.Equal([BusFixture.EventName], await fixture.Transport.ListAsync());
        Assert.Equal(1, fixture.Log.Count(5018));
        Assert.Empty(fixture.Log.Errors);
    }

    [Fact]
    public async Task A_server_that_knows_no_extensions_is_asked_for_none_and_that_is_logged_once()
    {
        await using var fixture = await BusFixture.StartAsync();
        fixture.Wire.HidesContract = true;
        var gate = new TaskCompletionSource();
        var handled = new Handled((_, _) => gate.Task);
        var subscribing = fixture.Orders.SubscribeAsync(
            handled.HandleAsync, new HandlerOptions { Subscription = { AckTimeout = TimeSpan.FromSeconds(10) }, Concurrency = 2 });

        // The first message is what tells the client that such a server has accepted the subscription.
        await fixture.Wire.WhenAsync("Subscribe", 1);
        await fixture.Orders.PublishAsync(new Order(1));
        await using var subscription = await subscribing;
        await handled.NextAsync();
        await fixture.Orders.PublishAsync(new Order(2));
        await handled.NextCountedAsync(fixture);

        fixture.Time.Advance(TimeSpan.FromSeconds(7.5));
        gate.SetResult();

        Assert.Equal(1, fixture.Log.Count(5112));
        Assert.DoesNotContain(fixture.Broker.Settlements, static s => s.Kind == TestSettlementKind.Extended);
    }
}
