using System.Diagnostics.Metrics;

namespace EventBroker.Client.Bus.Tests;

// Counts what came over the subscriptions of one event, by the client's own metric.
internal sealed class ReceivedMessages : IDisposable
{
    private readonly SemaphoreSlim _received = new(0);
    private readonly MeterListener _listener = new();

    public ReceivedMessages(string eventName)
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument is { Name: "eventbroker.client.received", Meter.Name: "EventBroker.Client" })
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
        {
            if (tags[0].Value is string name && name == eventName)
            {
                _received.Release((int)count);
            }
        });
        _listener.Start();
    }

    public async Task ReachAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await _received.WaitAsync();
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        _received.Dispose();
    }
}
