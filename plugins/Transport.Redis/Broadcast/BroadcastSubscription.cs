using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Redis.Events;
using EventBroker.Transport.Redis.Messages;
using EventBroker.Transport.Redis.Subscriptions;

namespace EventBroker.Transport.Redis.Broadcast;

/// <summary>A subscription that gets every message and is remembered nowhere. At the end of the event it reads along with all others of this
/// host; behind that it reads by itself.</summary>
internal sealed partial class BroadcastSubscription : RedisSubscription
{
    private readonly Lock _gate = new();
    private readonly int _bufferSize;
    private Position _position;
    private long _ordinal;
    private long _epoch;
    private long _missed;

    // What is read along; null while it reads by itself.
    private TailWindow? _window;
    private long _number;

    // What it reads from: a chunk of the window, or one of its own.
    private Chunk? _chunk;
    private int _at;
    private bool _isFetching;
    private bool _isAtEnd;

    // The window may still hold what retention has removed, and then the first messages have to come from Redis.
    private bool _mustFetch;

    public BroadcastSubscription(
        EventEntry owner, SubscribeOptions options, ISubscriber subscriber, RedisCursor start, long epoch, long lost, ResumeOutcome resume)
        : base(owner, subscriber)
    {
        _bufferSize = options.BufferSize;
        _position = start.Position;
        _ordinal = start.Ordinal;
        _epoch = epoch;
        Resume = resume;
        StartCursor = start.ToString();

        // A number that is known comes out of the ordinals; of the others it is said that there are some.
        _missed = lost < 0 && start.Ordinal < 0 ? 1 : 0;
        _mustFetch = lost != 0 || options.Start is StartPosition.Beginning or StartPosition.Timestamp;
    }

    public override ResumeOutcome Resume { get; }

    public override bool TracksSettlement => false;

    public override string? StartCursor { get; }

    public override int Read(Span<Delivery> destination, int maxBytes)
    {
        ThrowIfEnded();
        var count = 0;
        lock (_gate)
        {
            while (count < destination.Length && maxBytes > 0 && FindChunk())
            {
                count += Take(destination[count..], ref maxBytes);
            }
        }

        Owner.State.Metrics.Add(Owner.State.Metrics.Delivered, count);
        return count;
    }

    public override void Demand(int count)
    {
        TailWindow? window;
        long number;
        lock (_gate)
        {
            if (HasEnded || FindChunk())
            {
                window = null;
                number = -1;
            }
            else
            {
                (window, number) = (_window, _number);
            }
        }

        if (number < 0)
        {
            Signal();
        }
        else if (window is not null)
        {
            Owner.Reader.Wait(this, window, number);
        }
        else
        {
            Fetch();
        }
    }

    public override ValueTask SettleAsync(Memory<TransportSettlement> settlements, CancellationToken cancellationToken)
    {
        foreach (ref var settlement in settlements.Span)
        {
            // Nothing is held.
            settlement.Outcome = SettlementOutcome.LeaseLost;
        }

        return ValueTask.CompletedTask;
    }

    protected override ValueTask OnDisposedAsync()
    {
        Owner.Reader.Detach(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>Finds a chunk with something behind the position.</summary>
    /// <returns>Whether there is one.</returns>
    private bool FindChunk()
    {
        while (true)
        {
            if (_epoch != Owner.Reader.Epoch)
            {
                BeginAnew();
            }

            while (_chunk is not null && _at < _chunk.Entries.Length)
            {
                if (_chunk.Entries[_at].Position > _position)
                {
                    return true;
                }

                _at++;
            }

            _chunk = null;
            if (_window is null)
            {
                if (_isFetching || _mustFetch)
                {
                    return false;
                }

                var number = Owner.Reader.TryAttach(this, _position, _ordinal, _epoch, _isAtEnd, out var window);
                if (number < 0)
                {
                    return false;
                }

                (_window, _number) = (window, number);
            }

            if (_number >= _window.End)
            {
                return false;
            }

            _chunk = _window.Get(_number++);
            _at = 0;
            if (_chunk is null)
            {
                // Overtaken: it has to read by itself until it is in reach again.
                Owner.Reader.Detach(this);
                _window = null;
                _isAtEnd = false;
            }
        }
    }

    private int Take(Span<Delivery> destination, ref int maxBytes)
    {
        var count = 0;
        var entries = _chunk!.Entries;
        for (; _at < entries.Length && count < destination.Length && maxBytes > 0; _at++)
        {
            ref readonly var entry = ref entries[_at];
            if (_ordinal >= 0 && entry.Ordinal > _ordinal)
            {
                _missed += entry.Ordinal - _ordinal;
            }

            Owner.State.Metrics.Add(Owner.State.Metrics.Missed, _missed);
            destination[count++] = new Delivery
            {
                Message = entry.Message,
                Position = entry.Position,
                Missed = _missed,
                Cursor = entry.Cursor,
            };
            _missed = 0;
            _position = entry.Position;
            _ordinal = entry.Ordinal < 0 ? -1 : entry.Ordinal + 1;
            maxBytes -= entry.Message.Length;
        }

        return count;
    }

    // The stream is another one: whatever it had not read of the other is missed, and nobody knows how much that was.
    private void BeginAnew()
    {
        _epoch = Owner.Reader.Epoch;
        _missed++;
        _position = default;
        _ordinal = 0;
        _window = null;
        _chunk = null;
        _isAtEnd = false;
    }
}
