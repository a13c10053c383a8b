using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Memory.Storage;
using EventBroker.Transport.Memory.Subscriptions;

namespace EventBroker.Transport.Memory.Places;

/// <summary>The places of an event. Worker groups are bounded and expire without members; consumer ids with an open subscription are kept, of
/// the others a bounded number. Used under the event's lock.</summary>
internal sealed class PlaceTable(EventLog log, WaiterList waiters, TransportState transport)
{
    private readonly Dictionary<string, Place> _groups = [];
    private readonly Dictionary<string, Place> _consumers = [];
    private readonly LinkedList<Place> _closedConsumers = [];

    public IEnumerable<Place> All => _groups.Values.Concat(_consumers.Values);

    /// <summary>Finds a place, unless its time is over.</summary>
    public Place? Find(PlaceKind kind, string name)
    {
        if (!Of(kind).TryGetValue(name, out var place))
        {
            return null;
        }

        if (kind == PlaceKind.WorkerGroup && place.IsAbandoned(transport.Settings.GroupExpiry))
        {
            Expire(place);
            return null;
        }

        return place;
    }

    /// <summary>Makes a place that does not exist.</summary>
    public Place Add(PlaceKind kind, string name, LogCursor begin)
    {
        if (kind == PlaceKind.WorkerGroup && _groups.Count >= transport.Settings.MaxGroupsPerEvent)
        {
            ExpireGroups();
            if (_groups.Count >= transport.Settings.MaxGroupsPerEvent)
            {
                throw new BrokerException(
                    BrokerErrorCode.ResourceExhausted,
                    $"the event has {_groups.Count} worker groups already, the most that transport '{transport.Name}' allows");
            }
        }

        var place = new Place(kind, name, begin, log, waiters, transport);
        Of(kind).Add(name, place);
        return place;
    }

    /// <summary>Notes that a place has an open subscription.</summary>
    public void Open(Place place)
    {
        if (place.ClosedNode.List is not null)
        {
            _closedConsumers.Remove(place.ClosedNode);
        }
    }

    /// <summary>Notes that a place has no open subscription.</summary>
    public void Close(Place place)
    {
        if (place.Kind != PlaceKind.ConsumerId || place.ClosedNode.List is not null)
        {
            return;
        }

        _closedConsumers.AddLast(place.ClosedNode);
        if (_closedConsumers.Count > transport.Settings.MaxConsumersPerEvent)
        {
            var oldest = _closedConsumers.First!.Value;
            _closedConsumers.RemoveFirst();
            _consumers.Remove(oldest.Name);
            oldest.Dispose();
            transport.Metrics.AddForgottenConsumers(1);
        }
    }

    /// <summary>Forgets the worker groups that nobody has come to for too long.</summary>
    public void ExpireGroups()
    {
        foreach (var place in _groups.Values.Where(g => g.IsAbandoned(transport.Settings.GroupExpiry)).ToArray())
        {
            Expire(place);
        }
    }

    private void Expire(Place place)
    {
        _groups.Remove(place.Name);
        place.Dispose();
        transport.Metrics.AddExpiredGroups(1);
    }

    private Dictionary<string, Place> Of(PlaceKind kind) => kind == PlaceKind.WorkerGroup ? _groups : _consumers;
}
