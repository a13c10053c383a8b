using System.Runtime.CompilerServices;
using EventBroker.Nats.Tests;
using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.JetStream.Tests.Hosting;
using NATS.Client.Core;
using NATS.Client.JetStream;

namespace EventBroker.Transport.JetStream.Tests;

// A server for each test; with EVENTBROKER_NATS_CLUSTER=1 a cluster of three for all, with three replicas of everything. Time is the
// servers', so it really passes.
public sealed class JetStreamFixture : TransportFixture, IAsyncDisposable
{
    private const int MaxMessages = 4_000;

    private static readonly TimeSpan AckWait = TimeSpan.FromSeconds(10);

    private readonly CountingLogger _log = new();
    private readonly List<Wire> _wires = [];

    // Not what keeps a transport alive.
    private readonly ConditionalWeakTable<ITransport, Wire> _wireOf = [];
    private static readonly bool IsCluster = Environment.GetEnvironmentVariable("EVENTBROKER_NATS_CLUSTER") == "1";

    private NatsServer? _server;
    private int _port;

    // A backend that is killed and started again is a test of ServerTests: a single server may forget the acks that it answered last, which the
    // suite rightly doesn't allow of one that can be killed.
    public override bool CountsByItself => true;

    public override TimeSpan LongestPassableTime => TimeSpan.FromSeconds(20);

    public override async ValueTask<ITransport> CreateAsync()
    {
        if (IsCluster)
        {
            _port = (await NatsCluster.GetAsync()).Port;
        }
        else
        {
            _server = await NatsServer.StartAsync("-js");
            _port = _server.Port;
        }

        return await StartAsync();
    }

    public override async ValueTask<ITransport?> CreateSecondAsync() => await StartAsync();

    // As a process that is told to end.
    public override async ValueTask<ITransport?> RestartAsync(ITransport transport)
    {
        ArgumentNullException.ThrowIfNull(transport);
        await transport.DisposeAsync();
        return await StartAsync();
    }

    // A connection that is cut for good, so that nobody says goodbye. What was held comes when the servers' time for it is up.
    public override async ValueTask<ITransport?> KillAsync(ITransport transport)
    {
        WireOf(transport).Cut();
        return await StartAsync();
    }

    // The end of the stream that a host keeps for all its subscriptions has let go of them, too, once it is at the last.
    public override async ValueTask<bool> LoseOldestAsync(ITransport transport, string eventName, int count)
    {
        ArgumentNullException.ThrowIfNull(transport);
        var probe = new SubscriberProbe();
        var subscription = await transport.SubscribeAsync(eventName, new SubscribeOptions(), probe, CancellationToken.None);
        await using var witness = new TestSubscriber(subscription, probe, Patience);
        var batch = new PublishBatch();
        for (var i = 0; i < MaxMessages - 10 + count; i++)
        {
            batch.Add(new TransportMessage(MessageEncoder.Encode("filler-" + i, "tests", "x"u8, null, default)));
        }

        await transport.PublishAsync(eventName, batch, CancellationToken.None);
        var last = batch[^1].Message.GetId();
        while ((await witness.TakeOneAsync()).Message.GetId() != last)
        {
            // Not there yet.
        }

        return true;
    }

    public override async ValueTask<bool> TakeLeasesAsync(ITransport transport, string eventName, PlaceKind kind, string name)
    {
        await using var other = new NatsConnection(new NatsOpts { Url = $"nats://127.0.0.1:{_port}" });
        var consumer = await new NatsJSContext(other).GetConsumerAsync(
            "eb-" + eventName.Replace('.', '='), (kind == PlaceKind.WorkerGroup ? "g=" : "c=") + name);
        if (consumer.Info.NumWaiting > 0)
        {
            // Nobody has asked for more time: once it is up, the server gives them to the member that waits.
            return true;
        }

        // Another host, which gets them then, and holds them.
        var pending = consumer.Info.NumAckPending;
        await foreach (var _ in consumer.FetchAsync<byte[]>(new NatsJSFetchOpts { MaxMsgs = pending, Expires = AckWait * 2 }))
        {
            pending--;
        }

        return pending == 0;
    }

    public override ValueTask<bool> SetReachableAsync(ITransport transport, bool isReachable)
    {
        if (isReachable)
        {
            WireOf(transport).Mend();
        }
        else
        {
            WireOf(transport).Cut();
        }

        return ValueTask.FromResult(true);
    }

    public override int? CountLogLines() => _log.Count;

    public async ValueTask DisposeAsync()
    {
        foreach (var wire in _wires)
        {
            await wire.DisposeAsync();
        }

        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    private Wire WireOf(ITransport transport) =>
        _wireOf.TryGetValue(transport, out var wire) ? wire : throw new InvalidOperationException("a transport of another fixture");

    private async Task<ITransport> StartAsync()
    {
        var wire = new Wire(_port);
        var transport = await JetStreamTransports.StartAsync(
            wire.Address,
            static s =>
            {
                s.MaxMessagesPerEvent = MaxMessages;
                s.AckWait = AckWait;
                s.Replicas = IsCluster ? 3 : 1;
            },
            _log);
        _wires.Add(wire);
        _wireOf.Add(transport, wire);
        return transport;
    }
}
