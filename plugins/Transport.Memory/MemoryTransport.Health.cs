using System.Globalization;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Memory;

public sealed partial class MemoryTransport
{
    /// <inheritdoc/>
    public ValueTask<TransportHealth> CheckHealthAsync(CancellationToken cancellationToken)
    {
        var events = 0;
        long messages = 0;
        var subscriptions = 0;
        foreach (var (_, entry) in _events)
        {
            events++;
            messages += entry.Log.RetainedMessages;
            subscriptions += entry.SubscriptionCount;
        }

        var metrics = _state.Metrics;
        (string Name, long Value)[] figures =
        [
            ("events", events),
            ("retained_messages", messages),
            ("retained_bytes", _storage.Held),
            ("waiting_bytes", _state.Waiting.Held),
            ("subscriptions", subscriptions),
            ("missed", metrics.Missed),
            ("expired_groups", metrics.ExpiredGroups),
            ("forgotten_consumers", metrics.ForgottenConsumers),
            ("refused_redeliveries", metrics.RefusedRedeliveries),
        ];
        return ValueTask.FromResult(new TransportHealth
        {
            Status = _isClosed ? TransportHealthStatus.Unhealthy : TransportHealthStatus.Healthy,
            Message = _isClosed ? "the transport is closed" : "",
            Details = figures.ToDictionary(static f => f.Name, static f => f.Value.ToString(CultureInfo.InvariantCulture)),
        });
    }
}
