using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace EventBroker.Client.Diagnostics;

/// <summary>The instruments of the meter <c>EventBroker.Client</c>.</summary>
internal sealed class ClientMetrics : IDisposable
{
    private readonly Meter? _ownMeter;
    private readonly Histogram<double> _publishDuration;
    private readonly Counter<long> _published;
    private readonly Counter<long> _retries;
    private readonly Counter<long> _received;
    private readonly Counter<long> _leftOut;
    private readonly Counter<long> _settled;
    private readonly Counter<long> _reconnects;

    // Null once the transport is closed: a factory's meter lives on and keeps its instruments.
    private Func<ConnectionState>? _state;

    private readonly KeyValuePair<string, object?> _address;
    private readonly KeyValuePair<string, object?> _port;

    public ClientMetrics(IMeterFactory? factory, Uri address, Func<ConnectionState> state)
    {
        _address = new KeyValuePair<string, object?>("server.address", address.Host);
        _port = new KeyValuePair<string, object?>("server.port", address.Port);
        _ownMeter = factory is null ? new Meter(EventBrokerTelemetry.MeterName) : null;
        var meter = Meter = factory?.Create(EventBrokerTelemetry.MeterName) ?? _ownMeter!;
        _publishDuration = meter.CreateHistogram<double>(
            "eventbroker.client.publish.duration", "s", "How long a publish took, its retries included.");
        _published = meter.CreateCounter<long>(
            "eventbroker.client.published", "{message}", "Messages that were published, or failed to be, alone or in a batch.");
        _retries = meter.CreateCounter<long>("eventbroker.client.retries", "{attempt}", "Attempts after the first of a call.");
        _received = meter.CreateCounter<long>("eventbroker.client.received", "{message}", "Messages that came over subscriptions, without those that were settled before a cut and not shown again.");
        _leftOut = meter.CreateCounter<long>("eventbroker.client.left_out", "{message}", "Messages that came and were larger than the program takes, each time they came.");
        _settled = meter.CreateCounter<long>("eventbroker.client.settled", "{message}", "Settlements that were answered, by result.");
        _reconnects = meter.CreateCounter<long>("eventbroker.client.reconnects", "{stream}", "Streams that were opened after the first of a subscription.");
        _state = state;
        meter.CreateObservableGauge(
            "eventbroker.client.connection.state", ObserveState, null, "0 disconnected, 1 connecting, 2 connected.");
    }

    public Meter Meter { get; }

    public bool MeasuresPublish => _publishDuration.Enabled;

    public void MeasurePublish(string eventName, TimeSpan duration, string? error) =>
        _publishDuration.Record(duration.TotalSeconds, Tags(eventName, error));

    public void Published(string eventName, string? error, int count = 1)
    {
        if (_published.Enabled)
        {
            _published.Add(count, Tags(eventName, error));
        }
    }

    public void Retried() => _retries.Add(1, _address, _port);

    public void Received(string eventName) => Count(_received, eventName);

    public void LeftOut(string eventName) => Count(_leftOut, eventName);

    public void Settled(SettleResult result)
    {
        if (_settled.Enabled)
        {
            _settled.Add(1, new KeyValuePair<string, object?>("eventbroker.settle.result", SettleResultNames.Of(result)), _address, _port);
        }
    }

    public void Reconnected(string eventName) => Count(_reconnects, eventName);

    /// <summary>What every measurement of an event carries.</summary>
    public TagList Tags(string eventName) => new(new ReadOnlySpan<KeyValuePair<string, object?>>(
        [new KeyValuePair<string, object?>("messaging.destination.name", eventName), _address, _port]));

    public void Dispose()
    {
        _state = null;
        _ownMeter?.Dispose();
    }

    private IEnumerable<Measurement<int>> ObserveState() =>
        _state is { } state ? [new Measurement<int>((int)state(), _address, _port)] : [];

    private void Count(Counter<long> counter, string eventName)
    {
        if (counter.Enabled)
        {
            counter.Add(1, Tags(eventName));
        }
    }

    private TagList Tags(string eventName, string? error)
    {
        var tags = Tags(eventName);
        if (error is not null)
        {
            tags.Add("error.type", error);
        }

        return tags;
    }
}
