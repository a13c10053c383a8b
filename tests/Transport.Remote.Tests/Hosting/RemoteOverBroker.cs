using EventBroker.FunctionalTests.Hosting;
using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Remote.Tests.Hosting;

// The transport alone, before a broker, with a wire between them and one event.
internal sealed class RemoteOverBroker : IAsyncDisposable
{
    public const string Event = "jobs";

    private RemoteOverBroker(BrokerHost behind, Wire wire, ITransport transport, WatchedReads readsBehind)
    {
        ReadsBehind = readsBehind;
        Behind = behind;
        Wire = wire;
        Transport = transport;
    }

    public BrokerHost Behind { get; }

    public Wire Wire { get; }

    // What the broker behind does with what it has read.
    public WatchedReads ReadsBehind { get; }

    public ITransport Transport { get; }

    public static async Task<RemoteOverBroker> StartAsync(bool isOnFakeClock = false)
    {
        WatchedReads reads = null!;
        var behind = await BrokerHost.StartAsync(decorate: inner => reads = new WatchedReads(inner));
        var wire = new Wire(behind.GrpcAddress);

        // No retries: on a clock that stands still the pause before one would never end.
        var transport = await RemoteTransports.StartAsync(wire.Address, static s => s.Retries = 0, isOnFakeClock ? behind.Time : null);
        await transport.RegisterAsync(Event, EventOptions.None, CancellationToken.None);
        return new RemoteOverBroker(behind, wire, transport, reads);
    }

    public async Task<TestSubscriber> JoinAsync()
    {
        var probe = new SubscriberProbe();
        var options = new SubscribeOptions { Mode = DeliveryMode.WorkerPool };
        var subscription = await Transport.SubscribeAsync(Event, options, probe, CancellationToken.None);
        return new TestSubscriber(subscription, probe, TimeSpan.FromSeconds(30));
    }

    public async Task PublishAsync(params IEnumerable<string> ids)
    {
        foreach (var id in ids)
        {
            var message = MessageEncoder.Encode(id, "", System.Text.Encoding.UTF8.GetBytes(id), null, default);
            await Transport.PublishAsync(Event, new TransportMessage(message), CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Transport.DisposeAsync();
        await Wire.DisposeAsync();
        await Behind.DisposeAsync();
    }
}
