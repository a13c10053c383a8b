using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Memory.Places;
using EventBroker.Transport.Memory.Storage;
using EventBroker.Transport.Memory.Subscriptions;
using Microsoft.Extensions.Logging;

namespace EventBroker.Transport.Memory.Events;

/// <summary>A registered event: its log, its places, and everybody who reads it.</summary>
internal sealed partial class EventEntry
{
    private readonly Lock _lock = new();
    private readonly HashSet<MemorySubscription> _subscriptions = [];
    private readonly PlaceTable _places;
    private readonly TransportState _transport;
    private Func<BrokerException>? _gone;

    public EventEntry(EventLimits limits, TransportState transport)
    {
        _transport = transport;
        Limits = limits;
        Log = new EventLog(limits, transport.Clock, transport.Storage, transport.Metrics);
        _places = new PlaceTable(Log, Waiters, transport);
    }

    public EventLimits Limits { get; }

    public EventLog Log { get; }

    public WaiterList Waiters { get; } = new();

    public long NowTicks => _transport.Clock.GetUtcNow().UtcTicks;

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

    /// <summary>Appends a message and wakes whoever waits for it.</summary>
    /// <param name="message">The message.</param>
    /// <param name="openedSlab">Whether a new slab was opened, so that the total may be exceeded.</param>
    /// <returns>Where it stands.</returns>
    public Position Append(in TransportMessage message, out bool openedSlab)
    {
        if (Check(message) is { } failure)
        {
            throw failure;
        }

        ThrowIfGone(Log.TryAppend(message.Message, out var position, out openedSlab));
        SignalReaders();
        return position;
    }

    /// <summary>Appends the messages of a batch and wakes whoever waits for them.</summary>
    /// <param name="batch">The messages.</param>
    /// <param name="openedSlab">Whether a new slab was opened, so that the total may be exceeded.</param>
    public void Append(PublishBatch batch, out bool openedSlab)
    {
        for (var i = 0; i < batch.Count; i++)
        {
            if (Check(batch[i]) is { } failure)
            {
                batch.Fail(i, failure);
            }
        }

        ThrowIfGone(Log.TryAppend(batch, out openedSlab));
        SignalReaders();
    }

    /// <summary>Removes a subscription from those that are told of the event's end.</summary>
    public void Remove(MemorySubscription subscription)
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
        Log.Expire(NowTicks);
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

    /// <summary>Ends the event and all its subscriptions.</summary>
    /// <param name="reason">What subscriptions throw.</param>
    /// <param name="gone">What publishes and subscribes that come too late throw.</param>
    public void End(Func<BrokerException> reason, Func<BrokerException> gone)
    {
        MemorySubscription[] subscriptions;
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

    public void ReportSignalFailure(Exception failure) => LogSignalFailed(_transport.Logger, failure);

    private BrokerException? Check(in TransportMessage message)
    {
        if (message.OrderingKey is not null)
        {
            return BrokerErrors.OptionNotSupported(
                _transport.Name, "ordering_key", "it keeps the order of all messages of an event, not of those with the same key");
        }

        if (message.DueTime is not null)
        {
            return BrokerErrors.OptionNotSupported(_transport.Name, "due_time", "it delivers at once; publish the message when it is due");
        }

        return Limits.MaxMessageBytes is { } most && message.Message.Length > most
            ? new BrokerException(
                BrokerErrorCode.ResourceExhausted, $"the message has {message.Message.Length} bytes, and the event takes {most} at the most")
            : null;
    }

    private void SignalReaders()
    {
        // Between the new tail and the look for waiters; the other half of the pair is in the subscriptions' demands.
        Interlocked.MemoryBarrier();
        Waiters.SignalAll();
    }

    private void ThrowIfGone(bool appended)
    {
        if (!appended)
        {
            throw (_gone ?? BrokerErrors.EventNotRegistered)();
        }
    }

    [LoggerMessage(4100, LogLevel.Error, "A subscriber failed when it was told of messages or of lost leases; the others go on.")]
    private static partial void LogSignalFailed(ILogger logger, Exception failure);
}
