using Microsoft.Extensions.Logging;

namespace EventBroker.Client.Bus.Tests;

public class HandlingTests
{
    private static readonly AsyncLocal<string?> Surroundings = new();

    [Fact]
    public async Task Whoever_subscribes_leaves_no_trace_in_what_is_handled()
    {
        await using var fixture = await BusFixture.StartAsync();
        var seen = new List<(string? Surroundings, System.Diagnostics.Activity? Current)>();
        var handled = new Handled((_, _) =>
        {
            seen.Add((Surroundings.Value, System.Diagnostics.Activity.Current));
            return Task.CompletedTask;
        });
        EventSubscription subscription;
        using (new System.Diagnostics.Activity("request").Start())
        {
            Surroundings.Value = "the request's";
            subscription = await fixture.Orders.SubscribeAsync(handled.HandleAsync, new HandlerOptions { Retry = { MaxRetries = 1 } });
            Surroundings.Value = null;
        }

        await using (subscription)
        {
            await fixture.Broker.WhenAckedAsync(await fixture.Orders.PublishAsync(new Order(1)));
            await fixture.Broker.WhenAckedAsync(await fixture.Orders.PublishAsync(new Order(2)));
        }

        Assert.Equal([null, null], seen.Select(static s => s.Surroundings));
        Assert.All(seen, static s => Assert.NotEqual("request", s.Current?.OperationName));
    }

    [Fact]
    public async Task Handlers_that_block_get_threads_of_their_own()
    {
        const int Concurrency = 8;
        await using var fixture = await BusFixture.StartAsync();
        using var all = new CountdownEvent(Concurrency);
        using var never = new ManualResetEventSlim();
        var pooled = new System.Collections.Concurrent.ConcurrentQueue<bool>();
        await using var subscription = await fixture.Orders.SubscribeAsync(
            (order, _) =>
            {
                if (order.Number == 0)
                {
                    // What it is noticed by.
                    never.Wait(TimeSpan.FromMilliseconds(200));
                    return Task.CompletedTask;
                }

                pooled.Enqueue(Thread.CurrentThread.IsThreadPoolThread);
                all.Signal();
                all.Wait();
                return Task.CompletedTask;
            },
            new HandlerOptions { Concurrency = Concurrency });
        await fixture.Broker.WhenAckedAsync(await fixture.Orders.PublishAsync(new Order(0)));

        var ids = new List<string>();
        for (var i = 1; i <= Concurrency; i++)
        {
            ids.Add(await fixture.Orders.PublishAsync(new Order(i)));
        }

        await Task.WhenAll(ids.Select(id => fixture.Broker.WhenAckedAsync(id)));
        Assert.Equal(Enumerable.Repeat(false, Concurrency), pooled);
    }

    [Fact]
    public async Task A_handler_that_returns_acks()
    {
        await using var fixture = await BusFixture.StartAsync();
        var handled = new Handled();
        await using var subscription = await fixture.Orders.SubscribeAsync(handled.HandleAsync);

        var id = await fixture.Orders.PublishAsync(
            new Order(7), new PublishOptions { Id = "o-7", Source = "shop", Metadata = new Dictionary<string, string> { ["k"] = "v" } });

        var (order, context) = await handled.NextAsync();
        Assert.Equal(new Order(7), order);
        Assert.Equal((BusFixture.EventName, "o-7", "shop", "v"), (context.EventName, context.Id, context.Source, context.Metadata["k"]));
        Assert.Equal(fixture.Time.GetUtcNow(), context.Timestamp);
        Assert.Equal((0, 0), (context.RetryCount, context.Missed));
        Assert.Null(context.Services);
        Assert.Equal("o-7", id);
        await fixture.Broker.WhenAckedAsync(id);
    }

    [Fact]
    public async Task A_handler_that_throws_gives_the_message_back_with_its_reason_and_sees_it_again()
    {
        await using var fixture = await BusFixture.StartAsync();
        var handled = new Handled(static (_, context) => context.RetryCount == 0 ? throw new InvalidOperationException("no tea left") : Task.CompletedTask);
        await using var subscription = await fixture.Orders.SubscribeAsync(handled.HandleAsync, new HandlerOptions { NackDelay = null });

        var id = await fixture.Orders.PublishAsync(new Order(1));

        Assert.Equal("no tea left", (await fixture.Broker.WhenNackedAsync(id)).Reason);
        await handled.NextAsync();
        Assert.Equal(1, (await handled.NextAsync()).Context.RetryCount);
        await fixture.Broker.WhenAckedAsync(id);
        Assert.Contains(fixture.Log.Errors, error => error.Contains(id, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "Exception")]
    [InlineData("  ", "Exception")]
    public async Task A_reason_is_never_empty(string message, string reason)
    {
        await using var fixture = await BusFixture.StartAsync();
        await using var subscription = await fixture.Orders.SubscribeAsync((_, _) => throw new Exception(message));

        var id = await fixture.Orders.PublishAsync(new Order(1));

        Assert.Equal(reason, (await fixture.Broker.WhenNackedAsync(id)).Reason);
    }

    [Fact]
    public async Task A_long_reason_is_cut()
    {
        await using var fixture = await BusFixture.StartAsync();
        await using var subscription = await fixture.Orders.SubscribeAsync((_, _) => throw new Exception(new string('x', 10_000)));

        var id = await fixture.Orders.PublishAsync(new Order(1));

        var reason = (await fixture.Broker.WhenNackedAsync(id)).Reason;
        Assert.Equal(new string('x', 499) + "…", reason);
    }

    [Fact]
    public async Task A_message_that_was_given_back_waits_for_its_delay()
    {
        await using var fixture = await BusFixture.StartAsync();
        var handled = new Handled(static (order, context) =>
            order.Number == 1 && context.RetryCount == 0 ? throw new Exception("later") : Task.CompletedTask);
        await using var subscription = await fixture.Orders.SubscribeAsync(
            handled.HandleAsync, new HandlerOptions { NackDelay = static retryCount => TimeSpan.FromSeconds(5 + retryCount) });
        var id = await fixture.Orders.PublishAsync(new Order(1));
        await fixture.Broker.WhenNackedAsync(id);
        await handled.NextAsync();

        fixture.Time.Advance(TimeSpan.FromSeconds(4));
        await fixture.Orders.PublishAsync(new Order(2));
        Assert.Equal(2, (await handled.NextAsync()).Order.Number);
        fixture.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(1, (await handled.NextAsync()).Order.Number);
    }

    [Fact]
    public async Task A_delay_function_that_fails_does_not_keep_the_message()
    {
        await using var fixture = await BusFixture.StartAsync();
        var handled = new Handled(static (_, context) => context.RetryCount == 0 ? throw new Exception("no") : Task.CompletedTask);
        await using var subscription = await fixture.Orders.SubscribeAsync(
            handled.HandleAsync, new HandlerOptions { NackDelay = static _ => throw new Exception("no delay") });

        var id = await fixture.Orders.PublishAsync(new Order(1));

        await fixture.Broker.WhenAckedAsync(id);
        Assert.Equal(1, fixture.Log.Count(5115));
    }

    [Theory]
    [InlineData(true, 5100, LogLevel.Error)]
    [InlineData(false, 5117, LogLevel.Information)]
    public async Task A_message_that_comes_round_and_round_is_told_of_with_each_doubling(bool throws, int eventId, LogLevel level)
    {
        await using var fixture = await BusFixture.StartAsync();
        await using var subscription = await fixture.Orders.SubscribeAsync(
            (_, context) =>
            {
                if (context.RetryCount < 17)
                {
                    context.Nack("later");
                    return throws ? throw new InvalidOperationException("out of stock") : Task.CompletedTask;
                }

                return Task.CompletedTask;
            },
            new HandlerOptions { NackDelay = null });

        await fixture.Broker.WhenAckedAsync(await fixture.Orders.PublishAsync(new Order(1)));

        var told = fixture.Log.All.Where(record => record.Id == eventId).Select(static record => record.Level).ToList();
        Assert.Equal((17, 6), (told.Count, told.Count(l => l == level)));
        Assert.All(told, l => Assert.True(l == level || l == LogLevel.Debug));
    }

    [Fact]
    public void Delays_double_up_to_the_longest()
    {
        var delay = HandlerOptions.Doubling(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5));

        Assert.Equal([1, 2, 4, 5, 5], new[] { 0, 1, 2, 3, int.MaxValue }.Select(n => delay(n).TotalSeconds));
    }

    [Fact]
    public async Task One_at_a_time_keeps_the_order()
    {
        await using var fixture = await BusFixture.StartAsync();
        var seen = new List<int>();
        var done = new TaskCompletionSource();
        await using var subscription = await fixture.Orders.SubscribeAsync(async (order, _) =>
        {
            await Task.Yield();
            seen.Add(order.Number);
            if (order.Number == 199)
            {
                done.SetResult();
            }
        });

        var results = await fixture.Orders.PublishBatchAsync([.. Enumerable.Range(0, 200).Select(static n => new Order(n))]);

        Assert.All(results, static result => Assert.Null(result.Failure));
        await done.Task;
        Assert.Equal(Enumerable.Range(0, 200), seen);
        await fixture.Broker.WhenAckedAsync(results[^1].Id);
    }

    [Fact]
    public async Task With_concurrency_several_are_handled_at_a_time_and_no_more()
    {
        await using var fixture = await BusFixture.StartAsync();
        var gate = new TaskCompletionSource();
        var handled = new Handled((_, _) => gate.Task);
        await using var subscription = await fixture.Orders.SubscribeAsync(handled.HandleAsync, new HandlerOptions { Concurrency = 3 });

        var results = await fixture.Orders.PublishBatchAsync([.. Enumerable.Range(0, 5).Select(static n => new Order(n))]);
        for (var i = 0; i < 3; i++)
        {
            await handled.NextAsync();
        }

        Assert.Equal(3, handled.Count);
        gate.SetResult();
        foreach (var result in results)
        {
            await fixture.Broker.WhenAckedAsync(result.Id);
        }
    }

    [Fact]
    public async Task A_group_shares_the_messages_from_where_it_is_told_to_begin()
    {
        await using var fixture = await BusFixture.StartAsync();
        var first = await fixture.Orders.PublishAsync(new Order(1));
        var handled = new Handled();
        var options = new HandlerOptions { Subscription = { WorkerGroup = "packers", Start = SubscriptionStart.Beginning } };
        await using var one = await fixture.Orders.SubscribeAsync(handled.HandleAsync, options);
        await using var other = await fixture.Orders.SubscribeAsync(handled.HandleAsync, options);

        var second = await fixture.Orders.PublishAsync(new Order(2));

        await fixture.Broker.WhenAckedAsync(first);
        await fixture.Broker.WhenAckedAsync(second);
        Assert.Equal(2, handled.Count);
    }

    [Fact]
    public async Task With_auto_ack_a_failure_is_logged_and_nothing_is_settled()
    {
        await using var fixture = await BusFixture.StartAsync();
        var handled = new Handled(static (order, _) => order.Number == 1 ? throw new Exception("lost") : Task.CompletedTask);
        await using var subscription = await fixture.Orders.SubscribeAsync(
            handled.HandleAsync, new HandlerOptions { Subscription = { AutoAck = true } });

        await fixture.Orders.PublishAsync(new Order(1));
        await fixture.Orders.PublishAsync(new Order(2));

        await handled.NextAsync();
        await handled.NextAsync();
        Assert.Equal(1, fixture.Log.Count(5101));
        Assert.DoesNotContain(fixture.Broker.Settlements, static s => s.Kind == Testing.TestSettlementKind.Nacked);
    }

    [Fact]
    public async Task Options_are_refused_with_all_their_faults()
    {
        await using var fixture = await BusFixture.StartAsync();
        var options = new HandlerOptions
        {
            Concurrency = 0,
            HandlerTimeout = TimeSpan.Zero,
            DeadLetterEvent = "",
            Retry = { MaxRetries = -1 },
            Subscription = { BufferSize = 0 },
        };

        var refused = await Assert.ThrowsAsync<ArgumentException>(
            () => fixture.Orders.SubscribeAsync(static (_, _) => Task.CompletedTask, options));

        Assert.All(
            ["Concurrency", "HandlerTimeout", "DeadLetterEvent", "Retry.MaxRetries", "Subscription.BufferSize"],
            name => Assert.Contains(name, refused.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Registering_twice_is_fine_and_unregistering_removes_the_event()
    {
        await using var fixture = await BusFixture.StartAsync();
        var shipped = fixture.Bus.Event<Order>("order.shipped");

        await shipped.RegisterAsync();
        await shipped.RegisterAsync();
        Assert.Contains("order.shipped", await fixture.Transport.ListAsync());
        await shipped.UnregisterAsync();

        Assert.DoesNotContain("order.shipped", await fixture.Transport.ListAsync());
    }

    [Fact]
    public async Task A_batch_takes_no_id()
    {
        await using var fixture = await BusFixture.StartAsync();

        await Assert.ThrowsAsync<ArgumentException>(
            () => fixture.Orders.PublishBatchAsync([new Order(1), new Order(2)], new PublishOptions { Id = "same" }));
    }
}
