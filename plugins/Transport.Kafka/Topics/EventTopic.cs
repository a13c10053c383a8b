using System.Collections.Concurrent;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Kafka.Broadcast;
using EventBroker.Transport.Kafka.Places;

namespace EventBroker.Transport.Kafka.Topics;

/// <summary>An event and what is open of it at this host.</summary>
internal sealed partial class EventTopic
{
    private readonly ConcurrentDictionary<(PlaceKind Kind, string Name), PlaceSlot> _places = new();
    private readonly EventTable _table;
    private readonly KafkaState _state;
    private readonly Lock _gate = new();
    private readonly HashSet<BroadcastSubscription> _broadcasts = [];
    private volatile bool _isGone;
    private bool _isClosed;
    private volatile int _partitions;

    public EventTopic(string eventName, TopicInfo info, EventOptions options, EventTable table, KafkaState state)
    {
        EventName = eventName;
        Topic = info.Topic;
        Epoch = info.Epoch;
        _partitions = info.Partitions;
        Options = options;
        _table = table;
        _state = state;
        Feed = new Feed(this, state);
    }

    public string EventName { get; }

    public string Topic { get; }

    /// <summary>Gets what tells the topic from another one of its name.</summary>
    public ulong Epoch { get; }

    public EventOptions Options { get; }

    public int PartitionCount => _partitions;

    public bool IsGone => _isGone;

    /// <summary>Gets the end of the event, which all broadcast subscriptions of this host read together.</summary>
    public Feed Feed { get; }

    public int SubscriptionCount
    {
        get
        {
            lock (_gate)
            {
                return _broadcasts.Count + _places.Values.Sum(static p => p.Place?.MemberCount ?? 0);
            }
        }
    }

    /// <summary>Gets the places that are known here, open or not.</summary>
    public IEnumerable<(PlaceKind Kind, string Name, Place? Place)> Places =>
        _places.Where(static p => p.Value.WasOpened).Select(static p => (p.Key.Kind, p.Key.Name, p.Value.Place));

    /// <summary>Somebody says that the topic is gone: look, and end everything here if it is.</summary>
    public void Check() => _table.Look();

    /// <summary>Notes how many partitions there are.</summary>
    public void Grow(int partitions)
    {
        if (partitions > _partitions)
        {
            _partitions = partitions;
            Feed.Grow(partitions);
        }
    }

    public void Remove(BroadcastSubscription subscription)
    {
        bool isLast;
        lock (_gate)
        {
            _broadcasts.Remove(subscription);
            isLast = _broadcasts.Count == 0;
        }

        if (isLast)
        {
            Feed.Stop();
        }
    }

    /// <summary>Ends everything that reads the event here.</summary>
    public void End(Func<BrokerException> why)
    {
        BroadcastSubscription[] broadcasts;
        lock (_gate)
        {
            _isGone = true;
            broadcasts = [.. _broadcasts];
            _broadcasts.Clear();
        }

        foreach (var slot in _places.Values)
        {
            slot.Place?.End(why);
        }

        foreach (var broadcast in broadcasts)
        {
            broadcast.End(why);
        }

        Feed.Stop();
    }

    /// <summary>Gives back what is held here, before the transport goes.</summary>
    public async Task CloseAsync()
    {
        // Not gone: what was settled is still to be committed.
        BroadcastSubscription[] broadcasts;
        lock (_gate)
        {
            _isClosed = true;
            broadcasts = [.. _broadcasts];
        }

        var closing = _places.Values.Select(CloseAsync).ToList();

        foreach (var broadcast in broadcasts)
        {
            broadcast.End(BrokerErrors.TransportClosed);
            await broadcast.DisposeAsync();
        }

        try
        {
            await Task.WhenAll(closing).WaitAsync(_state.Settings.Timeout, _state.Time);
        }
        catch (TimeoutException)
        {
            // Kafka is out of reach: what was not said to it comes again.
        }
    }

    private static async Task CloseAsync(PlaceSlot slot)
    {
        slot.Place?.End(BrokerErrors.TransportClosed);

        // One that is being opened at this moment ends when it is open.
        await slot.Turn.WaitAsync();
        try
        {
            await (slot.Place?.Closed ?? Task.CompletedTask);
        }
        finally
        {
            slot.Turn.Release();
        }
    }

    // Why nothing can be opened here any more; null while it can.
    private Func<BrokerException>? FindEnd()
    {
        lock (_gate)
        {
            return IsGone ? BrokerErrors.EventNotRegistered : _isClosed ? BrokerErrors.TransportClosed : null;
        }
    }

    private void ThrowIfEnded()
    {
        if (FindEnd() is { } why)
        {
            throw why();
        }
    }
}
