using EventBroker.Client.Tests.Faults;
using EventBroker.Client.Tests.Hosting;
using static EventBroker.Client.ConnectionState;

namespace EventBroker.Client.Tests.Transport;

public sealed class ConnectionStateTests
{
    [Fact]
    public async Task It_is_connected_after_a_round_trip_disconnected_after_a_cut_and_closed_at_the_end()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var proxy = new FaultProxy(broker.Address);
        var client = Clients.Open(proxy.Address);
        var states = new States(client);
        Assert.Equal(Disconnected, client.State);

        await client.CheckHealthAsync();
        await states.ExpectAsync(Connecting, Connected);
        proxy.CutConnections();
        await states.ExpectAsync(Disconnected);
        await client.CheckHealthAsync();
        await states.ExpectAsync(Connecting, Connected);
        await client.DisposeAsync();
        await states.ExpectAsync(Closed);

        Assert.Equal(Closed, client.State);
        states.ExpectNoMore();
    }

    [Fact]
    public async Task A_black_hole_is_never_more_than_connecting()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var proxy = new FaultProxy(broker.Address);
        proxy.BlackHole();
        await using var client = Clients.Open(proxy.Address);
        var states = new States(client);
        using var giveUp = new CancellationTokenSource();

        var call = client.CheckHealthAsync(giveUp.Token);
        await proxy.ToServer.StoppedAsync(1);
        await states.ExpectAsync(Connecting);
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);

        Assert.Equal(Connecting, client.State);
        proxy.EndBlackHole();
        await states.ExpectAsync(Disconnected);
    }

    // The server's part of the handshake comes through, the answer does not.
    [Fact]
    public async Task A_connection_over_which_nothing_was_answered_is_connecting_whatever_else_came()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var proxy = new FaultProxy(broker.Address);
        await using var client = Clients.Open(proxy.Address, static o => o.Retry.MaxRetries = 0);
        var states = new States(client);
        var arrived = new Counted();
        broker.Requests.Door = _ =>
        {
            proxy.ToClient.Mode = GateMode.Hold;
            arrived.Increment();
            return Task.CompletedTask;
        };

        var call = client.CheckHealthAsync();
        await arrived.ReachAsync(1);
        await proxy.ToClient.StoppedAsync(1);
        Assert.Equal(Connecting, client.State);
        proxy.ToClient.Mode = GateMode.Pass;
        await call;

        await states.ExpectAsync(Connecting, Connected);
        states.ExpectNoMore();
    }

    [Fact]
    public async Task Refused_is_disconnected_after_every_attempt()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var proxy = new FaultProxy(broker.Address);
        await proxy.CutAsync();
        await using var client = Clients.Open(proxy.Address, static o => o.Retry.MaxRetries = 1);
        var states = new States(client);

        var exception = await Assert.ThrowsAsync<EventBrokerException>(() => client.CheckHealthAsync());

        Assert.Equal(ErrorCode.Unavailable, exception.Code);
        await states.ExpectAsync(Connecting, Disconnected, Connecting, Disconnected);
    }

    [Fact]
    public async Task A_refusal_by_the_broker_is_a_round_trip()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address);
        var states = new States(client);

        await Assert.ThrowsAsync<EventBrokerException>(() => client.PublishAsync("z", "m"));

        await states.ExpectAsync(Connecting, Connected);
    }

    [Fact]
    public async Task A_server_that_goes_away_is_noticed_without_a_call()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address);
        var states = new States(client);
        await client.CheckHealthAsync();
        await states.ExpectAsync(Connecting, Connected);

        await broker.StopAsync();

        await states.ExpectAsync(Disconnected);
    }

    [Fact]
    public async Task A_listener_that_throws_does_not_keep_the_others_from_hearing()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address);
        var states = new States(client);
        client.StateChanged += static (_, _) => throw new InvalidOperationException();

        await client.CheckHealthAsync();

        await states.ExpectAsync(Connecting, Connected);
    }

    [Fact]
    public async Task A_keepalive_that_is_not_answered_ends_the_connection_and_its_calls()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var proxy = new FaultProxy(broker.Address);
        await using var client = Clients.Open(proxy.Address, static o =>
        {
            o.KeepAliveInterval = TimeSpan.FromSeconds(1);
            o.KeepAliveTimeout = TimeSpan.FromSeconds(1);
        });
        var states = new States(client);
        await client.CheckHealthAsync();
        await states.ExpectAsync(Connecting, Connected);

        // No call is under way.
        proxy.BlackHole();

        await states.ExpectAsync(Disconnected);
    }
}
