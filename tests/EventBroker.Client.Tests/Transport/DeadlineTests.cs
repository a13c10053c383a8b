using EventBroker.Client.Tests.Faults;
using EventBroker.Client.Tests.Hosting;

namespace EventBroker.Client.Tests.Transport;

// No call outlives its timeout or its caller, whatever the network does.
public sealed class DeadlineTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    public static TheoryData<string> Calls => ["register", "list", "publish", "batch", "health", "subscribe"];

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task A_call_into_a_black_hole_ends_with_its_timeout(string call)
    {
        var time = new WatchedTime(Timeout);
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var proxy = new FaultProxy(broker.Address);
        proxy.BlackHole();
        await using var client = Open(proxy, time);

        var calling = CallAsync(client, call, CancellationToken.None);
        await Task.WhenAll(proxy.ToServer.StoppedAsync(1), time.HasTimersAsync(1));
        Assert.False(calling.IsCompleted);
        time.Advance(Timeout);

        Assert.Equal(ErrorCode.DeadlineExceeded, (await Assert.ThrowsAnyAsync<EventBrokerException>(() => calling)).Code);
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task A_call_on_a_connection_that_fell_silent_ends_with_its_timeout(string call)
    {
        var time = new WatchedTime(Timeout);
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var proxy = new FaultProxy(broker.Address);
        await using var client = Open(proxy, time);
        await client.RegisterAsync("e");
        proxy.ToServer.Mode = GateMode.Hold;

        var timers = time.Timers;
        var calling = CallAsync(client, call, CancellationToken.None);
        await Task.WhenAll(proxy.ToServer.StoppedAsync(1), time.HasTimersAsync(timers + 1));
        time.Advance(Timeout);

        Assert.Equal(ErrorCode.DeadlineExceeded, (await Assert.ThrowsAnyAsync<EventBrokerException>(() => calling)).Code);
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task A_call_ends_with_its_caller(string call)
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var proxy = new FaultProxy(broker.Address);
        proxy.BlackHole();
        await using var client = Clients.Open(proxy.Address);
        using var giveUp = new CancellationTokenSource();

        var calling = CallAsync(client, call, giveUp.Token);
        await proxy.ToServer.StoppedAsync(1);
        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => calling);
    }

    [Fact]
    public async Task An_ack_on_a_connection_that_fell_silent_fails_with_its_timeout()
    {
        var time = new WatchedTime(Timeout);
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var proxy = new FaultProxy(broker.Address);
        await using var client = Open(proxy, time);
        await client.RegisterAsync("e");
        await using var subscription = await client.SubscribeAsync("e");
        await client.PublishAsync("e", "m");
        var delivery = await subscription.NextAsync();
        proxy.ToServer.Mode = GateMode.Hold;

        var timers = time.Timers;
        var ack = delivery.AckAsync();
        await Task.WhenAll(proxy.ToServer.StoppedAsync(1), time.HasTimersAsync(timers + 1));
        time.Advance(Timeout);

        Assert.Equal(ErrorCode.DeadlineExceeded, (await Assert.ThrowsAsync<EventBrokerException>(() => ack)).Code);
        proxy.ToServer.Mode = GateMode.Pass;
    }

    [Fact]
    public async Task A_call_that_is_late_and_within_its_timeout_succeeds()
    {
        var time = new WatchedTime(Timeout);
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var proxy = new FaultProxy(broker.Address);
        await using var client = Open(proxy, time);
        await client.CheckHealthAsync();
        proxy.ToServer.Mode = GateMode.Hold;

        var timers = time.Timers;
        var calling = client.CheckHealthAsync();
        await Task.WhenAll(proxy.ToServer.StoppedAsync(1), time.HasTimersAsync(timers + 1));
        time.Advance(Timeout - TimeSpan.FromMilliseconds(1));
        proxy.ToServer.Mode = GateMode.Pass;

        Assert.Equal(BrokerHealthStatus.Healthy, (await calling).Status);
    }

    private static RemoteTransport Open(FaultProxy proxy, TimeProvider time) => Clients.Open(
        proxy.Address,
        static o =>
        {
            o.AttemptTimeout = Timeout;
            o.ConnectTimeout = TimeSpan.FromHours(1);
            o.Retry.MaxRetries = 0;
            o.Reconnect = new RetryOptions { MaxRetries = 0, FirstBackoff = TimeSpan.Zero, LongestBackoff = TimeSpan.Zero };
        },
        time);

    private static Task CallAsync(RemoteTransport client, string call, CancellationToken cancellationToken) => call switch
    {
        "register" => client.RegisterAsync("new", cancellationToken),
        "list" => client.ListAsync(cancellationToken),
        "publish" => client.PublishAsync("e", new OutgoingMessage(), cancellationToken),
        "batch" => BatchAsync(client, cancellationToken),
        "health" => client.CheckHealthAsync(cancellationToken),
        _ => client.SubscribeAsync("e", null, cancellationToken),
    };

    // A batch tells per message.
    private static async Task BatchAsync(RemoteTransport client, CancellationToken cancellationToken)
    {
        var results = await client.PublishBatchAsync("e", [new OutgoingMessage()], cancellationToken);
        throw results[0].Failure!;
    }
}
