using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Local.Places;
using EventBroker.Transport.Local.Storage;
using EventBroker.Transport.Local.Subscriptions;
using Microsoft.Extensions.Logging;

namespace EventBroker.Transport.Local.Events;

/// <summary>A registered event: its log, its places, and everybody who reads it.</summary>
internal abstract partial class LocalEvent
{
    private readonly Lock _lock = new();
    private readonly HashSet<LocalSubscription> _subscriptions = [];
    private readonly PlaceTable _places;
    private Func<BrokerException>? _gone;

    /// <summary>Initializes an event that nobody reads yet.</summary>
    /// <param name="log">The messages.</param>
    /// <param name="options">How they are kept, with everything decided.</param>
    /// <param name="state">What all events have in common.</param>
    /// <param name="store">Where places are remembered; null for nowhere.</param>
    protected LocalEvent(MessageLog log, EventOptions options, LocalState state, IPlaceStore? store)
    {
        State = state;
        Options = options;
        Log = log;
        _places = new PlaceTable(log, Waiters, state, store);
    }

    public EventOptions Options { get; }

    public MessageLog Log { get; }

    public WaiterList Waiters { get; } = new();

    protected LocalState State { get; }

    public int SubscriptionCount
    {
        get
        {
            lock (_lock)
            {
                return _subscriptions.Count;
            }
        }
    }

    /// <summary>Removes a subscription from those that are told of the event's end.</summary>
    public void Remove(LocalSubscription subscription)
    {
        lock (_lock)
        {
            _subscriptions.Remove(subscription);
        }
    }

    /// <summary>Takes a member out of its place.</summary>
    public void Leave(PlaceMember member, Place place)
    {
        lock (_lock)
        {
            if (place.Leave(member))
            {
                _places.Close(place);
            }
        }

        place.WakeForWork();
    }

    /// <summary>Gives back the memory of what nobody can read any more, and of places that nobody comes to.</summary>
    public void CleanUp()
    {
        Log.Expire(Log.NowTicks);
        Place[] places;
        lock (_lock)
        {
            _places.ExpireGroups();
            places = [.. _places.All];
        }

        foreach (var place in places)
        {
            place.LetGoOfDropped();
        }
    }

    /// <summary>Notes once more in the journals what is handed over.</summary>
    public void NoteHeld()
    {
        Place[] places;
        lock (_lock)
        {
            places = [.. _places.All];
        }

        foreach (var place in places)
        {
            place.NoteHeld();
        }
    }

    /// <summary>Ends the event and all its subscriptions.</summary>
    /// <param name="reason">What subscriptions throw.</param>
    /// <param name="gone">What publishes and subscribes that come too late throw.</param>
    public void End(Func<BrokerException> reason, Func<BrokerException> gone)
    {
        LocalSubscription[] subscriptions;
        Place[] places;
        lock (_lock)
        {
            _gone = gone;
            subscriptions = [.. _subscriptions];
            places = [.. _places.All];
            _subscriptions.Clear();
        }

        foreach (var subscription in subscriptions)
        {
            subscription.End(reason);
        }

        foreach (var place in places)
        {
            place.Dispose();
        }

        Log.Close();
    }

    public void ReportSignalFailure(Exception failure) => LogSignalFailed(State.Logger, failure);

    /// <summary>Refuses what the transport can't honour.</summary>
    /// <returns>Why not; null if it can.</returns>
    protected BrokerException? Check(in TransportMessage message)
    {
        if (message.OrderingKey is not null)
        {
            return BrokerErrors.OptionNotSupported(
                State.Name, "ordering_key", "it keeps the order of all messages of an event, not of those with the same key");
        }

        if (message.DueTime is not null)
        {
            return BrokerErrors.OptionNotSupported(State.Name, "due_time", "it delivers at once; publish the message when it is due");
        }

        return Options.MaxMessageBytes is { } most && message.Message.Length > most
            ? new BrokerException(
                BrokerErrorCode.ResourceExhausted, $"the message has {message.Message.Length} bytes, and the event takes {most} at the most")
            {
                IsFinal = true,
            }
            : null;
    }

    /// <summary>Wakes whoever waits for messages, after the log's tail was published.</summary>
    protected void SignalReaders()
    {
        // Between the new tail and the look for waiters; the other half of the pair is in the subscriptions' demands.
        Interlocked.MemoryBarrier();
        Waiters.SignalAll();
    }

    /// <summary>Gets what a publish that comes too late throws.</summary>
    protected BrokerException Gone() => (_gone ?? BrokerErrors.EventNotRegistered)();

    [LoggerMessage(4100, LogLevel.Error, "A subscriber failed when it was told of messages or of lost leases; the others go on.")]
    private static partial void LogSignalFailed(ILogger logger, Exception failure);
}
