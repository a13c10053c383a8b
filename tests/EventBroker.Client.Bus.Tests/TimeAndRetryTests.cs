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
            new HandlerOptions { Retry = { MaxRetries = 2, ShouldRetry = static exception => exception is not NotSupportedException } });

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
        await handled.NextAsync();

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
        await handled.NextAsync();

        fixture.Time.Advance(TimeSpan.FromSeconds(5));
        await fixture.Wire.WhenAsync("Ack", 1);
        fixture.Time.Advance(TimeSpan.FromSeconds(5));
        await fixture.Wire.WhenAsync("Ack", 2);
        fixture.Time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(1, (await handled.NextAsync()).Context.RetryCount);
        Assert.Equal(1, (await fixture.Broker.WhenAckedAsync(id)).RetryCount);
        gate.SetResult();
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
        await handled.NextAsync();

        fixture.Time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(1, (await handled.NextAsync()).Context.RetryCount);
        gate.SetResult();
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
        while (!subscribing.IsCompleted)
        {
            // Past the time in which the client waits for a refusal.
            fixture.Time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Yield();
        }

        await using var subscription = await subscribing;
        await fixture.Orders.PublishAsync(new Order(1));
        await handled.NextAsync();
        await fixture.Orders.PublishAsync(new Order(2));
        await handled.NextAsync();

        fixture.Time.Advance(TimeSpan.FromSeconds(7.5));
        gate.SetResult();

        Assert.Equal(1, fixture.Log.Count(5112));
        Assert.DoesNotContain(fixture.Broker.Settlements, static s => s.Kind == TestSettlementKind.Extended);
    }
}
