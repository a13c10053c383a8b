using System.Diagnostics.Metrics;
using EventBroker.Client.Tests.Faults;
using Microsoft.Extensions.DependencyInjection;

namespace EventBroker.Client.Tests.Hosting;

// Counts what has come over the subscriptions of one transport, taken or not, by the client's own metric.
internal sealed class ReceivedMessages : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MeterListener _listener = new();
    private readonly Counted _count = new();

    public ReceivedMessages()
    {
        Meters = _services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "eventbroker.client.received" && instrument.Meter.Scope == Meters)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, _, _, _) => _count.Increment());
        _listener.Start();
    }

    // What the transport is made with.
    public IMeterFactory Meters { get; }

    public Task ReachAsync(int count) => _count.ReachAsync(count);

    public void Dispose()
    {
        _listener.Dispose();
        _services.Dispose();
    }
}
