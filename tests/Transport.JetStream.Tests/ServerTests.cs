using EventBroker.Nats.Tests;
using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.JetStream.Tests.Hosting;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace EventBroker.Transport.JetStream.Tests;

// What happens at the servers: started late, killed, changed by somebody else.
public sealed class ServerTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private NatsServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await NatsServer.StartAsync("-js");

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_server_that_is_away_at_the_start_is_found_when_it_comes()
    {
        await _server.KillAsync();
        await using var transport = await JetStreamTransports.StartAsync(
            _server.Address, static s => s.StartTimeout = TimeSpan.FromMilliseconds(100));
        Assert.Equal(TransportHealthStatus.Unhealthy, (await transport.CheckHealthAsync(CancellationToken.None)).Status);
        var refusal = await Assert.ThrowsAsync<BrokerException>(() => RegisterAsync(transport, "e"));
        Assert.Equal(BrokerErrorCode.Unavailable, refusal.Code);

        await _server.StartAgainAsync();
        await EventuallyAsync(() => RegisterAsync(transport, "e"));
        Assert.Equal(["e"], await transport.ListAsync(CancellationToken.None));
        Assert.Equal(TransportHealthStatus.Healthy, (await transport.CheckHealthAsync(CancellationToken.None)).Status);
    }

    [Fact]
    public async Task Messages_places_and_what_is_held_outlive_a_kill_of_the_server()
    {
        await using var transport = await JetStreamTransports.StartAsync(_server.Address);
        await RegisterAsync(transport, "e");
        await using var member = await JoinAsync(transport);
        await using var everybody = await SubscribeAsync(transport, new SubscribeOptions());
        for (var i = 0; i < 10; i++)
        {
            await PublishAsync(transport, $"{i}");
        }

        var held = await member.TakeAsync(3);
        Assert.Equal([SettlementOutcome.Done], await member.CompleteAsync(held[0]));
        await _server.KillAsync();
        await _server.StartAgainAsync();
        await EventuallyAsync(() => PublishAsync(transport, "10"));

        // The subscriptions are the same, and so is what they hold.
        Assert.Equal([SettlementOutcome.Done, SettlementOutcome.Done], await member.CompleteAsync(held.Skip(1)));
        var rest = await member.TakeAsync(8);
        Assert.Equal(["3", "4", "5", "6", "7", "8", "9", "10"], rest.Select(TestSubscriber.Text));
        Assert.All(rest, static d => Assert.Equal(0, d.RetryCount));
        Assert.Equal(11, (await everybody.TakeTextAsync(11)).Distinct().Count());
    }

    [Fact]
    public async Task A_stream_that_somebody_removes_ends_its_subscriptions()
    {
        await using var transport = await JetStreamTransports.StartAsync(_server.Address);
        await RegisterAsync(transport, "e");
        await using var member = await JoinAsync(transport);
        var ended = member.DemandWhenEmpty();
        await using var somebody = new NatsConnection(new NatsOpts { Url = _server.Address });
        await new NatsJSContext(somebody).DeleteStreamAsync("eb-e");
        await ended.WaitAsync(Patience);
        Assert.Equal(BrokerErrorCode.Aborted, Assert.Throws<BrokerException>(() => member.ReadOnce()).Code);
        var refusal = await Assert.ThrowsAsync<BrokerException>(() => PublishAsync(transport, "a"));
        Assert.Equal(BrokerErrorCode.NotFound, refusal.Code);
    }

    [Fact]
    public async Task A_consumer_that_somebody_removes_ends_its_subscriptions_and_is_made_anew_for_the_next()
    {
        await using var transport = await JetStreamTransports.StartAsync(_server.Address);
        await RegisterAsync(transport, "e");
        await using var member = await JoinAsync(transport);
        var ended = member.DemandWhenEmpty();
        await using var somebody = new NatsConnection(new NatsOpts { Url = _server.Address });
        await new NatsJSContext(somebody).DeleteConsumerAsync("eb-e", "g=w");
        await ended.WaitAsync(Patience);
        Assert.Equal(BrokerErrorCode.Aborted, Assert.Throws<BrokerException>(() => member.ReadOnce()).Code);
        await using var next = await JoinAsync(transport);
        await PublishAsync(transport, "a");
        Assert.Equal("a", await next.CompleteNextAsync());
    }

    [Fact]
    public async Task A_consumer_that_is_configured_otherwise_is_refused_by_name_and_not_changed()
    {
        await using var transport = await JetStreamTransports.StartAsync(_server.Address);
        await RegisterAsync(transport, "e");
        await using var somebody = new NatsConnection(new NatsOpts { Url = _server.Address });
        var js = new NatsJSContext(somebody);
        await js.CreateOrUpdateConsumerAsync("eb-e", new ConsumerConfig("g=w") { DurableName = "g=w", AckWait = TimeSpan.FromSeconds(7), MaxAckPending = -1 });
        var refusal = await Assert.ThrowsAsync<BrokerException>(() => JoinAsync(transport));
        Assert.Equal(BrokerErrorCode.FailedPrecondition, refusal.Code);
        Assert.Contains("ack_wait", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("7s", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(7), (await js.GetConsumerAsync("eb-e", "g=w")).Info.Config.AckWait);
    }

    [Fact]
    public async Task A_host_that_is_cut_off_loses_what_it_holds_to_the_other_within_the_ack_wait()
    {
        var wire = new Wire(_server.Port);
        await using var cut = wire;
        static void Short(Settings.JetStreamSettings s) => s.AckWait = TimeSpan.FromSeconds(10);
        await using var frozen = await JetStreamTransports.StartAsync(wire.Address, Short);
        await using var alive = await JetStreamTransports.StartAsync(_server.Address, Short);
        await RegisterAsync(frozen, "e");
        await using var loser = await JoinAsync(frozen);
        await PublishAsync(frozen, "a");
        var lost = await loser.TakeOneAsync();
        var told = loser.Probe.NextLoss;
        await using var winner = await JoinAsync(alive);
        var next = winner.DemandWhenEmpty();
        wire.Swallow(true);
        await next.WaitAsync(Patience);
        var won = await winner.TakeOneAsync();
        Assert.Equal(("a", 1), (TestSubscriber.Text(won), won.RetryCount));
        await told.WaitAsync(Patience);
        wire.Swallow(false);
        Assert.Equal([SettlementOutcome.LeaseLost], await loser.CompleteAsync(lost));
        Assert.Equal([SettlementOutcome.Done], await winner.CompleteAsync(won));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_on_its_way_while_the_last_member_leaves_goes_to_another_host_at_once(bool withItsHost)
    {
        await using var wire = new Wire(_server.Port);
        static void Patient(Settings.JetStreamSettings s) => s.AckWait = TimeSpan.FromMinutes(10);
        await using var leaving = await JetStreamTransports.StartAsync(wire.Address, Patient);
        await using var other = await JetStreamTransports.StartAsync(_server.Address, Patient);
        await RegisterAsync(leaving, "e");
        await using var member = await JoinAsync(leaving);
        await using var somebody = new NatsConnection(new NatsOpts { Url = _server.Address });
        var js = new NatsJSContext(somebody);
        _ = member.Demand(1);
        await EventuallyAsync(async () => (await js.GetConsumerAsync("eb-e", "g=w")).Info.NumWaiting == 1);
        wire.Delay(TimeSpan.FromSeconds(1));
        await PublishAsync(other, "a");
        await EventuallyAsync(async () => (await js.GetConsumerAsync("eb-e", "g=w")).Info.NumAckPending == 1);

        await (withItsHost ? leaving.DisposeAsync() : member.DisposeAsync());

        // It is back before anything that is published later.
        await PublishAsync(other, "b");
        await using var next = await JoinAsync(other);
        Assert.Equal("a", await next.CompleteNextAsync());
        Assert.Equal("b", await next.CompleteNextAsync());
    }

    private static Task RegisterAsync(JetStreamTransport transport, string name) =>
        transport.RegisterAsync(name, EventOptions.None, CancellationToken.None).AsTask();

    private static async Task PublishAsync(JetStreamTransport transport, string text) => await transport.PublishAsync(
        "e",
        new TransportMessage(MessageEncoder.Encode("id-" + text, "tests", System.Text.Encoding.UTF8.GetBytes(text), null, default)),
        CancellationToken.None);

    private static Task<TestSubscriber> JoinAsync(JetStreamTransport transport) =>
        SubscribeAsync(transport, new SubscribeOptions { Mode = DeliveryMode.WorkerPool, WorkerGroup = "w" });

    private static async Task<TestSubscriber> SubscribeAsync(JetStreamTransport transport, SubscribeOptions options)
    {
        var probe = new SubscriberProbe();
        return new TestSubscriber(await transport.SubscribeAsync("e", options, probe, CancellationToken.None), probe, Patience);
    }

    private static async Task EventuallyAsync(Func<Task<bool>> isSo)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await isSo())
        {
            patience.Token.ThrowIfCancellationRequested();
        }
    }

    // A call waits for the connection by itself, for a moment.
    private static async Task EventuallyAsync(Func<Task> call)
    {
        var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            try
            {
                await call();
                return;
            }
            catch (BrokerException failure) when (
                failure.Code is BrokerErrorCode.Unavailable or BrokerErrorCode.DeadlineExceeded && !patience.IsCancellationRequested)
            {
                // Not yet.
            }
        }
    }
}
