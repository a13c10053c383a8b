using EventBroker.Client.Tests.Faults;
using EventBroker.Client.Tests.GoServer;
using EventBroker.Client.Tests.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace EventBroker.Client.Tests.Subscriptions;

// Everything can be closed at any time, and then is.
public sealed class DisposalTests
{
    [Fact]
    public async Task While_a_subscription_is_opened()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var proxy = new FaultProxy(broker.Address);
        proxy.BlackHole();
        var client = Clients.Open(proxy.Address);

        var subscribing = client.SubscribeAsync("e");
        await proxy.ToServer.StoppedAsync(1);
        await client.DisposeAsync();

        Assert.Equal(ErrorCode.Cancelled, (await Assert.ThrowsAsync<EventBrokerException>(() => subscribing)).Code);
    }

    [Fact]
    public async Task While_a_subscription_waits_for_its_next_attempt()
    {
        var time = new FakeTimeProvider();
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var proxy = new FaultProxy(broker.Address);
        await using var publisher = Clients.Open(broker.Address);
        await publisher.RegisterAsync("e");
        await using var client = Clients.Open(
            proxy.Address, static o => o.Reconnect = new RetryOptions { MaxRetries = null, FirstBackoff = TimeSpan.FromDays(1), LongestBackoff = TimeSpan.FromDays(1) }, time);
        var faults = new Counted();
        var subscription = await client.SubscribeAsync("e", new SubscribeOptions { OnFault = _ => faults.Increment() });
        await proxy.CutAsync();
        await faults.ReachAsync(1);

        await subscription.DisposeAsync();

        Assert.True(await subscription.HasEndedAsync());
        await subscription.Completion;
    }

    [Fact]
    public async Task While_the_connection_is_silent_without_waiting_for_its_acks_any_longer_than_configured()
    {
        var closeTimeout = TimeSpan.FromSeconds(7);
        var time = new WatchedTime(closeTimeout);
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var proxy = new FaultProxy(broker.Address);
        await using var client = Clients.Open(
            proxy.Address,
            o =>
            {
                o.CloseTimeout = closeTimeout;
                o.Retry.MaxRetries = 0;
            },
            time);
        await client.RegisterAsync("e");
        var subscription = await client.SubscribeAsync("e");
        await client.PublishAsync("e", "m-1");
        var delivery = await subscription.NextAsync();
        proxy.ToServer.Mode = GateMode.Hold;
        var ack = delivery.AckAsync();

        var closing = subscription.DisposeAsync();
        await time.HasTimersAsync(1);
        Assert.False(closing.IsCompleted);
        time.Advance(closeTimeout);
        await closing;

        Assert.False(ack.IsCompleted);
        proxy.CutConnections();
        proxy.ToServer.Mode = GateMode.Pass;
        await ((Task)ack).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    [Fact]
    public async Task All_at_once_while_the_connection_is_silent()
    {
        var closeTimeout = TimeSpan.FromSeconds(7);
        var time = new WatchedTime(closeTimeout);
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var proxy = new FaultProxy(broker.Address);
        var client = Clients.Open(proxy.Address, o => o.CloseTimeout = closeTimeout, time);
        await client.RegisterAsync("e");
        Subscription<Delivery>[] all = [await client.SubscribeAsync("e"), await client.SubscribeAsync("e"), await client.SubscribeAsync("e")];
        await client.PublishAsync("e", "m-1");
        var deliveries = await Task.WhenAll(all.Select(static s => s.NextAsync()));
        proxy.ToServer.Mode = GateMode.Hold;
        foreach (var delivery in deliveries)
        {
            _ = delivery.AckAsync();
        }

        var closing = client.DisposeAsync().AsTask();
        await time.HasTimersAsync(3);
        Assert.False(closing.IsCompleted);
        time.Advance(closeTimeout);

        await closing;
    }

    [Fact]
    public async Task One_that_has_nothing_to_settle_while_anothers_ack_is_not_answered()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address);
        await client.RegisterAsync("e");
        await using var busy = await client.SubscribeAsync("e");
        var idle = await client.SubscribeAsync("e", new SubscribeOptions { AutoAck = true });
        await client.PublishAsync("e", "m-1");
        var delivery = await busy.NextAsync();
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = new Counted();
        broker.Requests.Door = context =>
        {
            if (!context.Request.Path.Value!.EndsWith("/Ack", StringComparison.Ordinal))
            {
                return Task.CompletedTask;
            }

            asked.Increment();
            return release.Task;
        };
        var ack = delivery.AckAsync();
        await asked.ReachAsync(1);

        await idle.DisposeAsync();
        using var giveUp = new CancellationTokenSource();
        broker.Authorizer.Before = async request =>
        {
            if (request.Operation == Sdk.Authorization.BrokerOperation.Subscribe)
            {
                await giveUp.CancelAsync();
                await release.Task;
            }
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.SubscribeAsync("e", cancellationToken: giveUp.Token));

        Assert.False(ack.IsCompleted);
        release.SetResult();
        Assert.Equal(SettleResult.Settled, await ack);
    }

    [Fact]
    public async Task Twice_and_from_many_sides()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        var client = Clients.Open(broker.Address);
        await client.RegisterAsync("e");
        var subscription = await client.SubscribeAsync("e");

        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(
            async () => await (i % 2 == 0 ? subscription.DisposeAsync() : client.DisposeAsync()))));
        await subscription.DisposeAsync();
        await client.DisposeAsync();

        Assert.Equal(ConnectionState.Closed, client.State);
    }

    [Fact]
    public async Task From_within_the_enumeration()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address);
        await client.RegisterAsync("e");
        var subscription = await client.SubscribeAsync("e");
        await client.PublishBatchAsync("e", [.. Enumerable.Range(0, 50).Select(static i => Clients.Message($"{i}"))]);
        var seen = 0;

        await foreach (var delivery in subscription)
        {
            seen++;
            Assert.Equal(SettleResult.Settled, await delivery.AckAsync());
            await subscription.DisposeAsync();
        }

        // What was in the buffer is the broker's again: handling it would be for nothing.
        Assert.Equal(1, seen);
        await subscription.Completion;
    }

    [Fact]
    public async Task While_the_buffer_is_full()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        using var received = new ReceivedMessages();
        await using var client = new RemoteTransport(Clients.Options(broker.Address), meterFactory: received.Meters);
        await client.RegisterAsync("e");
        var subscription = await client.SubscribeAsync("e", new SubscribeOptions { BufferSize = 1 });
        await client.PublishBatchAsync("e", [.. Enumerable.Range(0, 50).Select(static i => Clients.Message($"{i}"))]);
        await received.ReachAsync(1);

        await subscription.DisposeAsync();
    }

    [Fact]
    public async Task A_cancelled_enumeration_leaves_the_subscription_open()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address);
        await client.RegisterAsync("e");
        await using var subscription = await client.SubscribeAsync("e");
        using var stop = new CancellationTokenSource();
        var enumerating = EnumerateAsync();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => enumerating);

        await client.PublishAsync("e", "m-1");

        Assert.Equal("m-1", (await subscription.NextAsync()).Id);

        async Task EnumerateAsync()
        {
            await foreach (var _ in subscription.WithCancellation(stop.Token))
            {
                Assert.Fail("nothing was published");
            }
        }
    }

    [Fact]
    public async Task Nothing_works_on_a_closed_transport()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        var client = Clients.Open(broker.Address);
        await client.RegisterAsync("e");
        var subscription = await client.SubscribeAsync("e");
        await client.PublishAsync("e", "m-1");
        var delivery = await subscription.NextAsync();
        await client.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.CheckHealthAsync());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.PublishAsync("e", "m-2"));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.SubscribeAsync("e"));
        Assert.Throws<ObjectDisposedException>(() => client.WithHeaders(new Dictionary<string, string>()));
        await Assert.ThrowsAsync<EventBrokerException>(() => delivery.AckAsync());
        Assert.True(await subscription.HasEndedAsync());
    }

    [Fact]
    public async Task A_view_ends_its_own_subscriptions_and_nothing_else()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address);
        await client.RegisterAsync("e");
        await using var own = await client.SubscribeAsync("e");
        var view = client.WithHeaders(new Dictionary<string, string>());
        var other = await view.SubscribeAsync("e");

        await view.DisposeAsync();
        await client.PublishAsync("e", "m-1");

        Assert.True(await other.HasEndedAsync());
        Assert.Equal("m-1", (await own.NextAsync()).Id);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => view.CheckHealthAsync());
        Assert.Equal(ConnectionState.Connected, client.State);
    }

    [Fact]
    public async Task A_views_subscription_ends_with_the_transport_that_holds_the_connection()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        var client = Clients.Open(broker.Address);
        await client.RegisterAsync("e");
        await using var view = client.WithHeaders(new Dictionary<string, string>());
        await using var subscription = await view.SubscribeAsync("e");

        await client.DisposeAsync();

        await Assert.ThrowsAnyAsync<Exception>(() => subscription.NextAsync());
        await Assert.ThrowsAnyAsync<Exception>(() => view.CheckHealthAsync());
    }

    [Fact]
    public async Task A_subscription_whose_broker_is_gone_for_good()
    {
        var server = await GoEventServer.CreateAsync();
        await using var client = Clients.Open(server.Address, static o => o.Reconnect.MaxRetries = null);
        await client.RegisterAsync("e");
        var subscription = await client.SubscribeAsync("e");
        await client.PublishAsync("e", "m-1");
        var delivery = await subscription.NextAsync();
        await server.DisposeAsync();
        var ack = delivery.AckAsync();

        await subscription.DisposeAsync();

        Assert.Equal(ErrorCode.Unavailable, (await Assert.ThrowsAsync<EventBrokerException>(() => ack)).Code);
    }
}
