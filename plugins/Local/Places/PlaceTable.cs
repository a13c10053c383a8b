using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Local.Storage;
using EventBroker.Transport.Local.Subscriptions;

namespace EventBroker.Transport.Local.Places;

/// <summary>The places of an event. Worker groups are bounded and expire without members; consumer ids with an open subscription are kept, of
/// the others a bounded number. Used under the event's lock.</summary>
internal sealed class PlaceTable(MessageLog log, WaiterList waiters, LocalState state, IPlaceStore? store)
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

        if (kind == PlaceKind.WorkerGroup && place.IsAbandoned(state.Limits.GroupExpiry))
        {
            Expire(place);
            return null;
        }

        return place;
    }

    /// <summary>Makes a place that does not exist.</summary>
    public Place Add(PlaceKind kind, string name, LogCursor begin, GroupOptions? options)
    {
        if (kind == PlaceKind.WorkerGroup && _groups.Count >= state.Limits.MaxGroupsPerEvent)
        {
            ExpireGroups();
            if (_groups.Count >= state.Limits.MaxGroupsPerEvent)
            {
                throw new BrokerException(
                    BrokerErrorCode.ResourceExhausted,
                    $"the event has {_groups.Count} worker groups already, the most that transport '{state.Name}' allows");
            }
        }

        var made = Task.CompletedTask;
        var journal = store?.Make(kind, name, begin.Next, options, out made);
        var place = Restore(kind, name, begin, journal, new Lease(0));
        place.Begin(options, made, []);
        return place;
    }

    /// <summary>Adds a place that is remembered already, without members.</summary>
    public Place Restore(PlaceKind kind, string name, LogCursor cursor, IPlaceJournal? journal, Lease lease)
    {
        var place = new Place(kind, name, cursor, log, waiters, state, journal, lease);
        Of(kind).Add(name, place);
        return place;
    }

    /// <summary>Removes a place that could not be made.</summary>
    public void Remove(Place place)
    {
        if (Of(place.Kind).Remove(place.Name))
        {
            place.Dispose();
        }
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
        if (_closedConsumers.Count > state.Limits.MaxConsumersPerEvent)
        {
            var oldest = _closedConsumers.First!.Value;
            _closedConsumers.RemoveFirst();
            _consumers.Remove(oldest.Name);
            oldest.Forget();
            state.Metrics.AddForgottenConsumers(1);
        }
    }

    /// <summary>Forgets the worker groups that nobody has come to for too long.</summary>
    public void ExpireGroups()
    {
        foreach (var place in _groups.Values.Where(g => g.IsAbandoned(state.Limits.GroupExpiry)).ToArray())
        {
            Expire(place);
        }
    }

    private void Expire(Place place)
    {
        _groups.Remove(place.Name);
        place.Forget();
        state.Metrics.AddExpiredGroups(1);
    }

    private Dictionary<string, Place> Of(PlaceKind kind) => kind == PlaceKind.WorkerGroup ? _groups : _consumers;
}
