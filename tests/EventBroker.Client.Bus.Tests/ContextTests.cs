using EventBroker.Client.Testing;

namespace EventBroker.Client.Bus.Tests;

// What a handler can do with its message besides returning and throwing.
public class ContextTests
{
    [Fact]
    public async Task A_handler_gives_its_message_back_with_a_delay_of_its_own()
    {
        await using var fixture = await BusFixture.StartAsync();
        var handled = new Handled((_, context) =>
        {
            if (context.RetryCount == 0)
            {
                context.Nack("the stock is being counted", TimeSpan.FromHours(1));
            }

            return Task.CompletedTask;
        });
        await using var subscription = await fixture.Orders.SubscribeAsync(handled.HandleAsync);
        var id = await fixture.Orders.PublishAsync(new Order(1));

        Assert.Equal("the stock is being counted", (await fixture.Broker.WhenNackedAsync(id)).Reason);
        await fixture.Wire.WhenAsync("Ack", 1);
        await handled.NextCountedAsync(fixture);
        fixture.Time.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(1, handled.Count);
        fixture.Time.Advance(TimeSpan.FromMinutes(1));

        await fixture.Broker.WhenAckedAsync(id);
        Assert.Empty(fixture.Log.Errors);
        Assert.Equal(1, fixture.Log.Count(5117));
    }

    [Fact]
    public async Task A_handler_calls_its_message_dead_and_what_it_says_last_counts()
    {
        await using var fixture = await BusFixture.StartAsync();
        await using var subscription = await fixture.Orders.SubscribeAsync((_, context) =>
        {
            context.Nack("later");
            context.DeadLetter("sold out");
            return Task.CompletedTask;
        });
        var id = await fixture.Orders.PublishAsync(new Order(1));

        var letter = await fixture.Broker.WhenPublishedAsync(static p => p.EventName == "order.created.dead-letter");
        Assert.Equal(("sold out", id), (letter.Metadata["dead-letter-reason"], letter.Metadata["dead-letter-id"]));
        await fixture.Broker.WhenAckedAsync(id);
        Assert.DoesNotContain(fixture.Broker.Settlements, static s => s.Kind == TestSettlementKind.Nacked);
        Assert.Equal(1, fixture.Log.Count(5118));
    }

    [Fact]
    public async Task A_message_that_its_handler_gives_back_in_the_last_attempt_is_dead()
    {
        await using var fixture = await BusFixture.StartAsync();
        await using var subscription = await fixture.Orders.SubscribeAsync(
            static (_, context) =>
            {
                context.Nack("not now", TimeSpan.Zero);
                return Task.CompletedTask;
            },
            new HandlerOptions { MaxAttempts = 2 });
        var id = await fixture.Orders.PublishAsync(new Order(1));

        var letter = await fixture.Broker.WhenPublishedAsync(static p => p.EventName == "order.created.dead-letter");
        Assert.Equal("failed in 2 attempts: not now", letter.Metadata["dead-letter-reason"]);
        Assert.Equal(1, (await fixture.Broker.WhenAckedAsync(id)).RetryCount);
    }

    [Fact]
    public async Task An_exception_counts_for_more_than_what_was_said_before_it()
    {
        await using var fixture = await BusFixture.StartAsync();
        await using var subscription = await fixture.Orders.SubscribeAsync(static (_, context) =>
        {
            context.DeadLetter("sold out");
            throw new InvalidOperationException("and then it fell over");
        });
        var id = await fixture.Orders.PublishAsync(new Order(1));

        Assert.Equal("and then it fell over", (await fixture.Broker.WhenNackedAsync(id)).Reason);
        Assert.DoesNotContain(fixture.Broker.Published, static p => p.EventName != BusFixture.EventName);
    }

    [Fact]
    public async Task With_auto_ack_there_is_nothing_to_give_back()
    {
        await using var fixture = await BusFixture.StartAsync();
        var failure = new TaskCompletionSource<Exception?>();
        await using var subscription = await fixture.Orders.SubscribeAsync(
            (_, context) =>
            {
                failure.SetResult(Record.Exception(() => context.Nack("no")));
                return Task.CompletedTask;
            },
            new HandlerOptions { Subscription = { AutoAck = true } });
        await fixture.Orders.PublishAsync(new Order(1));

        Assert.IsType<InvalidOperationException>(await failure.Task);
    }

    // The client does not take for lost what the handler itself has asked more time for.
    [Fact]
    public async Task A_handler_asks_for_more_time_by_itself()
    {
        await using var fixture = await BusFixture.StartAsync();
        var gate = new TaskCompletionSource();
        var asked = new TaskCompletionSource<SettleResult>();
        var handled = new Handled(async (_, context) =>
        {
            asked.SetResult(await context.ExtendAsync(TimeSpan.FromHours(1)));
            await gate.Task;
        });
        await using var subscription = await fixture.Orders.SubscribeAsync(
            handled.HandleAsync,
            new HandlerOptions { ExtendWhileHandling = false, Concurrency = 2, Subscription = { AckTimeout = TimeSpan.FromSeconds(10) } });
        var id = await fixture.Orders.PublishAsync(new Order(1));
        var (_, context) = await handled.NextCountedAsync(fixture);
        Assert.Equal(SettleResult.Settled, await asked.Task);

        fixture.Time.Advance(TimeSpan.FromMinutes(59));
        Assert.False(context.LeaseLost.IsCancellationRequested);
        gate.SetResult();

        Assert.Equal(0, (await fixture.Broker.WhenAckedAsync(id)).RetryCount);
    }

    [Fact]
    public async Task A_lost_lease_is_told_apart_from_a_timeout()
    {
        await using var fixture = await BusFixture.StartAsync();
        var gate = new TaskCompletionSource();
        var handled = new Handled((_, context) => context.RetryCount == 0 ? gate.Task : Task.CompletedTask);
        await using var subscription = await fixture.Orders.SubscribeAsync(
            handled.HandleAsync,
            new HandlerOptions
            {
                ExtendWhileHandling = false,
                HandlerTimeout = TimeSpan.FromSeconds(5),
                Concurrency = 2,
                Subscription = { AckTimeout = TimeSpan.FromSeconds(10) },
            });
        await fixture.Orders.PublishAsync(new Order(1));
        var (_, context) = await handled.NextAsync();
        var lost = context.LeaseLost;

        fixture.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.True(context.CancellationToken.IsCancellationRequested);
        Assert.False(lost.IsCancellationRequested);
        fixture.Broker.Cut();
        var told = new TaskCompletionSource();
        using var registration = lost.Register(told.SetResult);
        await told.Task;

        gate.SetResult();
        fixture.Broker.Restore();
    }

    [Fact]
    public async Task Middleware_sees_the_value_and_leaves_things_for_the_handler()
    {
        await using var fixture = await BusFixture.StartAsync();
        var bus = new EventBus(fixture.Transport, new EventBusOptions().Use(static (context, next) =>
        {
            context.Items["number"] = ((Order)context.Value!).Number;
            return next(context);
        }));
        var handled = new Handled();
        await using var subscription = await bus.Event<Order>(BusFixture.EventName).SubscribeAsync(handled.HandleAsync);
        await fixture.Orders.PublishAsync(new Order(7));

        var (_, context) = await handled.NextAsync();
        Assert.Equal(7, context.Items["number"]);
        Assert.NotEmpty(context.Cursor);
    }

    [Fact]
    public async Task A_test_sees_what_a_handler_has_decided()
    {
        var context = new EventContext("order.created", "m-1") { Value = new Order(1), Cursor = "c", LeaseLost = new CancellationToken(canceled: true) };

        context.Nack("later", TimeSpan.FromMinutes(1));
        Assert.Equal(("later", TimeSpan.FromMinutes(1), null), (context.NackReason, context.NackDelay, context.DeadLetterReason));
        context.DeadLetter("never");
        Assert.Equal((null, null, "never"), (context.NackReason, context.NackDelay, context.DeadLetterReason));
        Assert.Equal(SettleResult.Settled, await context.ExtendAsync(TimeSpan.FromMinutes(1)));
        Assert.Equal(("c", true), (context.Cursor, context.LeaseLost.IsCancellationRequested));
    }
}
