using EventBroker.Sdk.Errors;

namespace EventBroker.Sdk.Tests.Transports.SinglePlace;

/// <summary>The backend of <see cref="SinglePlaceTransport"/>: any number of transports stand over it, at once or one after the other.
/// It keeps messages and places; who held what and how often is known for as long as a transport is there.</summary>
internal sealed class SinglePlaceStorage
{
    private readonly Dictionary<string, SinglePlaceEvent> _events = new(StringComparer.Ordinal);
    private int _transports;

    // One lock for everything: nobody measures this one.
    internal Lock Gate { get; } = new();

    internal IReadOnlyCollection<string> Events => [.. _events.Keys];

    internal void Open() => _transports++;

    /// <summary>Closes a transport; with the last one goes what was not stored.</summary>
    internal void Close(SinglePlaceTransport transport)
    {
        _transports--;
        foreach (var each in _events.Values)
        {
            each.End(BrokerErrors.TransportClosed, transport);
            if (_transports == 0)
            {
                each.Forget();
            }
        }
    }

    internal void Add(string eventName, SinglePlaceIds? ids)
    {
        if (!_events.TryAdd(eventName, new SinglePlaceEvent(ids)))
        {
            throw BrokerErrors.EventAlreadyRegistered();
        }
    }

    internal void Remove(string eventName)
    {
        Find(eventName).End(static () => BrokerErrors.SubscriptionEnded("the event was unregistered"), null);
        _events.Remove(eventName);
    }

    internal void Signal()
    {
        foreach (var each in _events.Values)
        {
            each.Signal();
        }
    }

    internal SinglePlaceEvent Find(string eventName) =>
        _events.TryGetValue(eventName, out var found) ? found : throw BrokerErrors.EventNotRegistered();
}
