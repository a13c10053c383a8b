using EventBroker.Broker;
using EventBroker.FunctionalTests.Hosting;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Remote.Settings;

namespace EventBroker.Transport.Remote.Tests.Hosting;

// A broker in front of a broker, with a wire between them.
internal sealed class BrokerPair : IAsyncDisposable
{
    private readonly ITransport _transport;

    private BrokerPair(BrokerHost front, BrokerHost behind, Wire wire, ITransport transport, WatchedReads? readsInFront)
    {
        ReadsInFront = readsInFront;
        Front = front;
        Behind = behind;
        Wire = wire;
        _transport = transport;
    }

    public BrokerHost Front { get; }

    public BrokerHost Behind { get; }

    public Wire Wire { get; }

    // What the broker in front does with what it has read, where that is watched.
    public WatchedReads? ReadsInFront { get; }

    public static async Task<BrokerPair> StartAsync(
        Action<RemoteSettings>? settings = null, Action<BrokerOptions>? limitsBehind = null, ITransport? transportBehind = null,
        bool watchesReads = false)
    {
        var behind = await BrokerHost.StartAsync(limits: limitsBehind, transport: transportBehind);
        var wire = new Wire(behind.GrpcAddress);
        var transport = await RemoteTransports.StartAsync(wire.Address, settings);
        WatchedReads? reads = watchesReads ? new(transport) : null;
        var front = await BrokerHost.StartAsync(transport: (ITransport?)reads ?? transport);
        return new BrokerPair(front, behind, wire, transport, reads);
    }

    public async ValueTask DisposeAsync()
    {
        await Front.DisposeAsync();
        await _transport.DisposeAsync();
        await Wire.DisposeAsync();
        await Behind.DisposeAsync();
    }
}
