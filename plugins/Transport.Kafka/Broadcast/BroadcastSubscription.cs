using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Kafka.Messages;
using EventBroker.Transport.Kafka.Places;
using EventBroker.Transport.Kafka.Topics;

namespace EventBroker.Transport.Kafka.Broadcast;

/// <summary>A subscription that gets every message: it follows the shared end of the event, or reads for itself until it is there.</summary>
internal sealed partial class BroadcastSubscription : ITransportSubscription
{
    private readonly Lock _gate = new();
    private readonly EventTopic _topic;
    private readonly KafkaState _state;
    private readonly SubscribeOptions _options;
    private readonly ISubscriber _subscriber;

    // What stands before is gone, even where a copy is still here.
    private readonly long[] _goneBelow;
    private long[] _next;
    private FeedNode? _node;
    private Func<BrokerException>? _end;
    private bool _isAtEnd;
    private bool _isDemanded;
    private int _isDisposed;

    public BroadcastSubscription(
        EventTopic topic, SubscribeOptions options, ISubscriber subscriber, PlaceStart start, bool isAtEnd, ResumeOutcome resume, KafkaState state)
    {
        _topic = topic;
        _options = options;
        _subscriber = subscriber;
        _state = state;
        _next = start.Start;
        _goneBelow = start.IsLost ? start.Earliest : [];
        _isAtEnd = isAtEnd;
        _ends = new bool[_next.Length];
        Resume = resume;
        StartCursor = KafkaCursor.Format(topic.Epoch, start.Start);
    }

    public ResumeOutcome Resume { get; }

    public bool TracksSettlement => false;

    public string? StartCursor { get; }

    public int Read(Span<Delivery> destination, int maxBytes)
    {
        if (Volatile.Read(ref _end) is { } end)
        {
            throw end();
        }

        var count = 0;
        lock (_gate)
        {
            _isDemanded = false;
            var bytes = 0;
            while (count < destination.Length && (count == 0 || bytes < maxBytes) && TryTake(out var delivery))
            {
                bytes += delivery.Message.Length;
                destination[count++] = delivery;
            }
        }

        _state.Metrics.Add(_state.Metrics.Delivered, count);
        return count;
    }

    public void Demand(int count)
    {
        bool isThere;
        lock (_gate)
        {
            _isDemanded = true;
            isThere = _end is not null || HasMore() || !WaitForMore();
        }

        if (isThere)
        {
            Ready();
        }
    }

    public ValueTask SettleAsync(Memory<TransportSettlement> settlements, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("broadcast deliveries are not held, so there is nothing to settle");

    /// <summary>Tells the subscriber, if it waits.</summary>
    public void Ready()
    {
        lock (_gate)
        {
            if (!_isDemanded)
            {
                return;
            }

            _isDemanded = false;
        }

        Tell();
    }

    public void End(Func<BrokerException> why)
    {
        Interlocked.CompareExchange(ref _end, why, null);
        Tell();
    }

    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            Interlocked.CompareExchange(ref _end, static () => BrokerErrors.SubscriptionEnded("it was closed"), null);
            lock (_gate)
            {
                StopReading();
                _node = null;
            }

            _topic.Remove(this);
        }

        return default;
    }

    private void Tell()
    {
        try
        {
            _subscriber.Ready();
        }
#pragma warning disable CA1031 // A subscriber that fails is its own affair.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            KafkaLog.SignalFailed(_state.Logger, exception, _topic.EventName);
        }
    }

    // Under the lock, as all below.
    private bool TryTake(out Delivery delivery)
    {
        while (TryNext(out var record))
        {
            if (record.Partition >= _next.Length)
            {
                Array.Resize(ref _next, record.Partition + 1);
            }

            var expected = _next[record.Partition];
            var goneBelow = record.Partition < _goneBelow.Length ? _goneBelow[record.Partition] : 0;
            if (record.Offset < Math.Max(expected, goneBelow))
            {
                continue;
            }

            _next[record.Partition] = record.Offset + 1;
            delivery = new Delivery
            {
                Message = record.Message,
                Position = KafkaCursor.PositionOf(_topic.Epoch, record.Partition, record.Offset),
                Missed = Math.Max(0, Math.Max(record.LostBelow, goneBelow) - expected),
                Cursor = MakeCursor(),
            };
            return true;
        }

        delivery = default;
        return false;
    }

    private ResumeCursor? MakeCursor()
    {
        if (_next.Length == 1)
        {
            return ResumeCursor.OfPosition;
        }

        return _node is null ? KafkaCursor.Make(_topic.Epoch, _next) : _node.CursorAt(_topic.Epoch, _next);
    }

    private bool TryNext(out FeedRecord record)
    {
        if (_ahead.TryDequeue(out record))
        {
            WakeIfEmptied();
            return true;
        }

        if (_node is null && !TryFollow())
        {
            return false;
        }

        if (_node!.HasLeft)
        {
            // Too slow for what is kept.
            _node = null;
            _isAtEnd = false;
            return false;
        }

        if (_node.Next is not { } next)
        {
            return false;
        }

        _node = next;
        record = next.Record;
        return true;
    }
}
