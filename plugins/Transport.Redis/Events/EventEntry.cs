using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Redis.Backend;
using EventBroker.Transport.Redis.Broadcast;
using EventBroker.Transport.Redis.Places;
using EventBroker.Transport.Redis.Publishing;
using EventBroker.Transport.Redis.Scripts;
using EventBroker.Transport.Redis.Subscriptions;
using StackExchange.Redis;

namespace EventBroker.Transport.Redis.Events;

/// <summary>What this host knows of one registration of an event: who publishes and subscribes to it here.</summary>
internal sealed partial class EventEntry
{
    private readonly Lock _gate = new();
    private readonly HashSet<RedisSubscription> _subscriptions = [];
    private readonly Dictionary<string, Place> _places = new(StringComparer.Ordinal);
    private Registration _registration;
    private Func<BrokerException>? _ended;
    private Task? _listening;

    public EventEntry(string name, Registration registration, RedisState state)
    {
        Name = name;
        State = state;
        Keys = state.Keys.For(name);
        _registration = registration;
        Publisher = new EventPublisher(this);
        Reader = new BroadcastReader(this);
        Watch = new PlaceWatch(this);
    }

    public string Name { get; }

    public RedisState State { get; }

    public EventKeys Keys { get; }

    public EventPublisher Publisher { get; }

    public BroadcastReader Reader { get; }

    private PlaceWatch Watch { get; }

    public Registration Registration => Volatile.Read(ref _registration);

    public string Generation => Registration.Generation;

    public bool HasEnded => Volatile.Read(ref _ended) is not null;

    public int SubscriptionCount
    {
        get
        {
            lock (_gate)
            {
                return _subscriptions.Count;
            }
        }
    }

    /// <summary>Runs a script that looks at the registration first, until the event is as this host knows it.</summary>
    /// <param name="script">The script; its answer begins with a status.</param>
    /// <param name="keys">Its keys.</param>
    /// <param name="values">Makes its arguments anew for each attempt, since the generation may have changed.</param>
    /// <returns>The answer; null if the event is gone, and this entry has ended.</returns>
    public async Task<RedisResult?> RunAsync(Script script, RedisKey[] keys, Func<RedisValue[]> values)
    {
        for (var attempt = 0; attempt < 5 && !HasEnded; attempt++)
        {
            var result = await State.Backend.RunAsync(script, keys, values());
            switch ((string?)(result.Length > 0 ? result[0] : result))
            {
                case "LOST":
                    await RecoverAsync();
                    break;
                case "OTHER":
                    End(static () => BrokerErrors.SubscriptionEnded("the event was unregistered"));
                    break;
                case "GENERATION":
                    OnGeneration((string)result[1]!);
                    break;
                default:
                    return result;
            }
        }

        return HasEnded ? null : throw new BrokerException(BrokerErrorCode.Unavailable, "Redis loses the event again and again; try again");
    }

    /// <summary>Ends everything that is open here.</summary>
    public void End(Func<BrokerException> reason)
    {
        RedisSubscription[] subscriptions;
        Place[] places;
        lock (_gate)
        {
            if (_ended is not null)
            {
                return;
            }

            Volatile.Write(ref _ended, reason);
            subscriptions = [.. _subscriptions];
            places = [.. _places.Values];
            _subscriptions.Clear();
            _places.Clear();
        }

        foreach (var place in places)
        {
            place.Dispose();
        }

        Reader.Dispose();
        Watch.Dispose();
        foreach (var subscription in subscriptions)
        {
            subscription.End(reason);
        }

        if (_listening is not null)
        {
            State.Backend.Unsubscribe(Keys.Channel);
        }
    }

    public void Remove(RedisSubscription subscription)
    {
        lock (_gate)
        {
            _subscriptions.Remove(subscription);
        }
    }

    /// <summary>Ends everything that is open here with its transport, and gives back what is held before the connection goes.</summary>
    public async Task CloseAsync()
    {
        RedisSubscription[] subscriptions;
        lock (_gate)
        {
            subscriptions = [.. _subscriptions];
        }

        End(BrokerErrors.TransportClosed);
        await Task.WhenAll(subscriptions.Select(static s => s.DisposeAsync().AsTask()));
    }

    /// <summary>Notes which registration a publish has met.</summary>
    public void NoteRegistration(string id)
    {
        if (id != Registration.Id)
        {
            End(static () => BrokerErrors.SubscriptionEnded("the event was unregistered"));
        }
    }

    /// <summary>Looks at once whether a place of this host has changed.</summary>
    public Task LookAsync(string group) => FindPlace(group)?.LookAsync() ?? Task.CompletedTask;

    /// <summary>Gets how many open subscriptions hold a place here.</summary>
    public int CountMembers(string group)
    {
        lock (_gate)
        {
            return _places.GetValueOrDefault(group)?.MemberCount ?? 0;
        }
    }

    /// <summary>Gets the places that have members here.</summary>
    public Place[] GetPlaces()
    {
        lock (_gate)
        {
            return [.. _places.Values];
        }
    }
}
