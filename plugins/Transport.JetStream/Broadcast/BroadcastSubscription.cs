using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.JetStream.Events;

namespace EventBroker.Transport.JetStream.Broadcast;

/// <summary>A subscription that gets every message: it follows the shared end of the stream, or reads for itself until it is there.</summary>
internal sealed class BroadcastSubscription : ITransportSubscription
{
    private readonly Lock _gate = new();
    private readonly EventStream _stream;
    private readonly Tail _tail;
    private readonly TransportState _transport;
    private readonly SubscribeOptions _options;
    private readonly ISubscriber _subscriber;

    // What it has read for itself.
    private readonly Queue<(ulong Sequence, EncodedMessage Message)> _ahead = new();
    private TailNode? _node;
    private OrderedReader? _reader;
    private Func<BrokerException>? _end;
    private ulong _next;
    private bool _isDemanded;
    private int _isDisposed;

    public BroadcastSubscription(
        EventStream stream, Tail tail, SubscribeOptions options, ISubscriber subscriber, StreamStart start, TransportState transport)
    {
        _stream = stream;
        _tail = tail;
        _options = options;
        _subscriber = subscriber;
        _transport = transport;
        _next = start.Next;
        Resume = start.Outcome;
        StartCursor = new Position(stream.Epoch, start.Next - 1).ToString();
        _ = tail.TryAttach(this, start.Next, out _node);
    }

    public ResumeOutcome Resume { get; }

    public bool TracksSettlement => false;

    public string? StartCursor { get; }

    /// <summary>Gets the place of the next message that it wants.</summary>
    public ulong Next => Volatile.Read(ref _next);

    public int Read(Span<Delivery> destination, int maxBytes)
    {
        if (Volatile.Read(ref _end) is { } end)
        {
            throw end();
        }

        var count = 0;
        var wasFull = false;
        lock (_gate)
        {
            _isDemanded = false;
            var bytes = 0;
            wasFull = _ahead.Count >= _options.BufferSize / 2;
            while (_end is null && count < destination.Length && (count == 0 || bytes < maxBytes) && TryTake(out var delivery))
            {
                bytes += delivery.Message.Length;
                destination[count++] = delivery;
            }
        }

        if (wasFull)
        {
            _reader?.Kick();
        }

        return count;
    }

    public void Demand(int count)
    {
        var isThere = false;
        lock (_gate)
        {
            _isDemanded = true;
            if (_end is null && !HasMore())
            {
                isThere = !WaitForMore();
            }
            else
            {
                isThere = true;
            }
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

        _subscriber.Ready();
    }

    /// <summary>The shared end has let go of what comes next: it has to be read from the stream, once somebody asks for it.</summary>
    public void FallBehind()
    {
        lock (_gate)
        {
            _node = null;
        }

        Ready();
    }

    /// <summary>The connection is back.</summary>
    public void ReadAnew() => _reader?.ReadAnew();

    public void End(Func<BrokerException> why)
    {
        Interlocked.CompareExchange(ref _end, why, null);
        _subscriber.Ready();
    }

    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            OrderedReader? reader;
            lock (_gate)
            {
                // Under the lock, as whoever asks for more looks at it: behind it nobody attaches or reads for itself any more.
                Interlocked.CompareExchange(ref _end, static () => BrokerErrors.SubscriptionEnded("it was closed"), null);
                (reader, _reader) = (_reader, null);
            }

            _tail.Detach(this);
            reader?.Close();
            _stream.Remove(this);
        }

        return default;
    }

    // Under the lock, as all below.
    private bool TryTake(out Delivery delivery)
    {
        while (true)
        {
            ulong sequence;
            EncodedMessage message;
            if (_ahead.TryDequeue(out var ahead))
            {
                (sequence, message) = ahead;
            }
            else if (_node?.Next is { } node)
            {
                _node = node;
                (sequence, message) = (node.Sequence, node.Message);
            }
            else if (_node is null && TryFollow())
            {
                continue;
            }
            else
            {
                delivery = default;
                return false;
            }

            if (sequence < _next)
            {
                continue;
            }

            var missed = _stream.IsShared ? 0 : (long)(sequence - _next);
            _transport.Metrics.Missed(missed);
            Volatile.Write(ref _next, sequence + 1);
            delivery = new Delivery
            {
                Message = message,
                Position = new Position(_stream.Epoch, sequence),
                Missed = missed,
                Cursor = ResumeCursor.OfPosition,
            };
            return true;
        }
    }

    private bool HasMore() => _ahead.Count > 0 || _node?.Next is not null;

    // Gives up reading for itself where the shared end has everything that comes next.
    private bool TryFollow()
    {
        if (!_tail.TryAttach(this, _next, out _node))
        {
            return false;
        }

        _reader?.Close();
        _reader = null;
        return true;
    }

    private bool WaitForMore()
    {
        if (_node is not null || TryFollow())
        {
            return _tail.Wait(this, _node!);
        }

        if (_reader is null)
        {
            _reader = new OrderedReader(_stream, _next, Math.Min(_options.BufferSize, 1_000), Room, OnRead, _transport);
        }

        _reader.Kick();
        return true;
    }

    private int Room()
    {
        lock (_gate)
        {
            return _options.BufferSize - _ahead.Count;
        }
    }

    private void OnRead(ulong sequence, EncodedMessage message)
    {
        lock (_gate)
        {
            if (_node is not null)
            {
                return;
            }

            _ahead.Enqueue((sequence, message));
        }

        Ready();
    }
}
