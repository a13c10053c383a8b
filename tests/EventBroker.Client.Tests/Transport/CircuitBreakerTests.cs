using EventBroker.Client.Tests.Faults;
using EventBroker.Client.Tests.GoServer;
using EventBroker.Client.Tests.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace EventBroker.Client.Tests.Transport;

public sealed class CircuitBreakerTests
{
    [Fact]
    public async Task It_opens_at_the_threshold_lets_one_call_try_after_the_recovery_time_and_closes_when_that_succeeds()
    {
        var time = new FakeTimeProvider();
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var proxy = new FaultProxy(broker.Address);
        await using var client = Clients.Open(proxy.Address, static o => Breaking(o), time);
        await client.CheckHealthAsync();
        await proxy.CutAsync();

        // With the call before, two failures of three are enough for the ratio; the threshold is four.
        for (var i = 0; i < 3; i++)
        {
            Assert.Null((await Assert.ThrowsAnyAsync<EventBrokerException>(() => client.CheckHealthAsync())).RetryAfter);
        }

        await OpenAsync(client);
        proxy.Restore();
        var reached = proxy.Accepted;
        time.Advance(TimeSpan.FromSeconds(29));
        await OpenAsync(client);
        Assert.Equal(reached, proxy.Accepted);

        time.Advance(TimeSpan.FromSeconds(1));
        await client.CheckHealthAsync();
        await client.CheckHealthAsync();
    }

    [Fact]
    public async Task It_opens_again_when_the_call_that_tries_fails()
    {
        var time = new FakeTimeProvider();
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var proxy = new FaultProxy(broker.Address);
        await using var client = Clients.Open(proxy.Address, static o => Breaking(o), time);
        await proxy.CutAsync();
        for (var i = 0; i < 4; i++)
        {
            await Assert.ThrowsAnyAsync<EventBrokerException>(() => client.CheckHealthAsync());
        }

        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Null((await Assert.ThrowsAnyAsync<EventBrokerException>(() => client.CheckHealthAsync())).RetryAfter);
        await OpenAsync(client);
        time.Advance(TimeSpan.FromSeconds(30));
        proxy.Restore();
        await client.CheckHealthAsync();
    }

    // Who gives up says nothing about the broker.
    [Fact]
    public async Task It_closes_with_the_next_call_when_the_one_that_tries_was_cancelled_by_its_caller()
    {
        var time = new FakeTimeProvider();
        await using var server = await GoEventServer.CreateAsync();
        await using var proxy = new FaultProxy(server.Address);
        await using var client = Clients.Open(proxy.Address, static o => Breaking(o), time);
        await client.RegisterAsync("e");
        await proxy.CutAsync();
        for (var i = 0; i < 4; i++)
        {
            await Assert.ThrowsAnyAsync<EventBrokerException>(() => client.PublishAsync("e", "m"));
        }

        await OpenAsync(client);
        time.Advance(TimeSpan.FromSeconds(30));
        proxy.Restore();
        var arrived = new Counted();
        var never = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Service.OnPublish = _ =>
        {
            arrived.Increment();
            return never.Task;
        };
        using var gaveUp = new CancellationTokenSource();
        var probe = client.PublishAsync("e", new OutgoingMessage { Payload = "probe"u8.ToArray() }, gaveUp.Token);
        await arrived.ReachAsync(1);
        await gaveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => probe);

        server.Service.OnPublish = null;
        await client.PublishAsync("e", "m");
        await client.PublishAsync("e", "m");
        never.SetResult();
    }

    [Fact]
    public async Task Answers_do_not_open_it()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address, static o => Breaking(o));

        for (var i = 0; i < 20; i++)
        {
            var exception = await Assert.ThrowsAnyAsync<EventBrokerException>(() => client.PublishAsync("z", "m"));
            Assert.Equal(ErrorCode.NotFound, exception.Code);
        }
    }

    [Fact]
    public async Task Attempts_that_take_too_long_open_it()
    {
        var time = new FakeTimeProvider();
        await using var server = await GoEventServer.CreateAsync();
        await using var client = Clients.Open(
            server.Address,
            static o =>
            {
                Breaking(o);
                o.AttemptTimeout = TimeSpan.FromSeconds(1);
            },
            time);
        await client.RegisterAsync("e");
        var arrived = new Counted();
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Service.OnPublish = _ =>
        {
            arrived.Increment();
            return release.Task;
        };

        for (var i = 1; i <= 3; i++)
        {
            var publish = client.PublishAsync("e", "m");
            await arrived.ReachAsync(i);
            time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(ErrorCode.DeadlineExceeded, (await Assert.ThrowsAsync<EventBrokerException>(() => publish)).Code);
        }

        await OpenAsync(client);
        release.SetResult();
    }

    [Fact]
    public async Task Retries_stop_when_it_opens()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var proxy = new FaultProxy(broker.Address);
        await proxy.CutAsync();
        await using var client = Clients.Open(proxy.Address, static o =>
        {
            Breaking(o);
            o.Retry.MaxRetries = 50;
        });

        Assert.NotNull((await Assert.ThrowsAsync<EventBrokerException>(() => client.CheckHealthAsync())).RetryAfter);
    }

    // Subscriptions come back by themselves.
    [Fact]
    public async Task An_open_circuit_does_not_hold_a_subscription_up()
    {
        var time = new FakeTimeProvider();
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var proxy = new FaultProxy(broker.Address);
        await using var publisher = Clients.Open(broker.Address);
        await using var client = Clients.Open(
            proxy.Address,
            static o =>
            {
                Breaking(o);
                o.Reconnect = new RetryOptions { MaxRetries = null, FirstBackoff = TimeSpan.Zero, LongestBackoff = TimeSpan.Zero };
            },
            time);
        await publisher.RegisterAsync("e");
        await using var subscription = await client.SubscribeAsync("e");
        await proxy.CutAsync();
        for (var i = 0; i < 4; i++)
        {
            await Assert.ThrowsAnyAsync<EventBrokerException>(() => client.CheckHealthAsync());
        }

        proxy.Restore();
        await publisher.PublishAsync("e", "m-1");

        Assert.Equal("m-1", (await subscription.NextAsync()).Id);
        await OpenAsync(client);
    }

    private static async Task OpenAsync(RemoteTransport client)
    {
        var exception = await Assert.ThrowsAsync<EventBrokerException>(() => client.CheckHealthAsync());
        Assert.Equal(ErrorCode.Unavailable, exception.Code);
        Assert.InRange(exception.RetryAfter!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(30));
    }

    private static void Breaking(RemoteTransportOptions options)
    {
        options.Retry = new RetryOptions { MaxRetries = 0, FirstBackoff = TimeSpan.Zero, LongestBackoff = TimeSpan.Zero };
        options.CircuitBreaker = new CircuitBreakerOptions { Enabled = true, FailureThreshold = 4 };
    }
}
