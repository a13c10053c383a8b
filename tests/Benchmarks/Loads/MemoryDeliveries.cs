using System.Diagnostics.Metrics;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Memory;
using Microsoft.Extensions.Logging.Abstractions;

namespace Benchmarks.Loads;

/// <summary>Deliveries by a memory transport of their own: what a fan-out costs that has no backend.</summary>
internal sealed class MemoryDeliveries : ILoad
{
    private const string Event = "bench";

    private readonly Meter _meter;
    private readonly MemoryTransport _transport;
    private readonly ILoad _load;

    private MemoryDeliveries(Meter meter, MemoryTransport transport, ILoad load) => (_meter, _transport, _load) = (meter, transport, load);

    public long Step => _load.Step;

    public static async Task<ILoad> OpenAsync(int subscribers)
    {
        var meter = new Meter("benchmarks");
        var transport = new MemoryTransport("memory", new MemorySettings(), TimeProvider.System, meter, NullLogger.Instance);
        await transport.RegisterAsync(Event, EventOptions.None, CancellationToken.None);
        return new MemoryDeliveries(meter, transport, await BackendDeliveries.ByTransportAsync(transport, Event, subscribers));
    }

    public Task RunAsync(long messages, CancellationToken cancellation) => _load.RunAsync(messages, cancellation);

    public async ValueTask DisposeAsync()
    {
        await _load.DisposeAsync();
        await _transport.DisposeAsync();
        _meter.Dispose();
    }
}
