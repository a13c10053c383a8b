using System.Diagnostics.CodeAnalysis;
using EventBroker.Sdk.Messages;
using EventBroker.Transport.JetStream.Events;

namespace EventBroker.Transport.JetStream.Broadcast;

/// <summary>The end of a stream, read once for all broadcast subscriptions of this host. It keeps the newest messages, within bounds; who
/// falls behind them reads for itself until it is there again.</summary>
internal sealed class Tail
{
    /// <summary>How many messages are kept.</summary>
    public const int MaxMessages = 1_024;

    /// <summary>How many bytes of messages are kept.</summary>
    public const int MaxBytes = 8 << 20;

    // Let go of in runs, so that it costs nothing for each message.
    private const int Run = 128;
    private const int Window = 512;

    private readonly Lock _gate = new();
    private readonly List<BroadcastSubscription> _waiting = [];
    private readonly HashSet<BroadcastSubscription> _attached = [];
    private readonly OrderedReader _reader;
    private TailNode _oldest;
    private TailNode _newest;
    private int _count;
    private long _bytes;

    public Tail(EventStream stream, ulong next, TransportState transport)
    {
        // Stands for everything before.
        _oldest = _newest = new TailNode(next - 1, default);
        _reader = new OrderedReader(stream, next, Window, static () => Window, OnMessage, transport);
    }

    public void Begin() => _reader.Kick();

    public void ReadAnew() => _reader.ReadAnew();

    public void Close() => _reader.Close();

    /// <summary>Lets a subscription follow, if everything from its place on is still here.</summary>
    public bool TryAttach(BroadcastSubscription subscription, ulong next, [NotNullWhen(true)] out TailNode? node)
    {
        lock (_gate)
        {
            node = null;
            if (next <= _oldest.Sequence)
            {
                return false;
            }

            node = next > _newest.Sequence ? _newest : _oldest;
            _attached.Add(subscription);
            return true;
        }
    }

    public void Detach(BroadcastSubscription subscription)
    {
        lock (_gate)
        {
            _attached.Remove(subscription);
            _waiting.Remove(subscription);
        }
    }

    /// <summary>Notes that a subscription waits for what comes behind a node.</summary>
    /// <returns>False if it is there already.</returns>
    public bool Wait(BroadcastSubscription subscription, TailNode node)
    {
        lock (_gate)
        {
            if (node.Next is not null)
            {
                return false;
            }

            if (!_waiting.Contains(subscription))
            {
                _waiting.Add(subscription);
            }

            return true;
        }
    }

    private void OnMessage(ulong sequence, EncodedMessage message)
    {
        BroadcastSubscription[] woken;
        List<BroadcastSubscription>? late = null;
        lock (_gate)
        {
            var node = new TailNode(sequence, message);
            _newest.Next = node;
            _newest = node;
            _count++;
            _bytes += message.Length;
            if (_count >= MaxMessages + Run || _bytes > MaxBytes)
            {
                late = LetGo();
            }

            woken = [.. _waiting];
            _waiting.Clear();
        }

        // Before they are woken: then they see that they have to read for themselves.
        late?.ForEach(static s => s.FallBehind());
        foreach (var subscription in woken)
        {
            subscription.Ready();
        }
    }

    // Under the lock.
    private List<BroadcastSubscription> LetGo()
    {
        while (_count > 1 && (_count > MaxMessages || _bytes > MaxBytes * 3L / 4))
        {
            _oldest = _oldest.Next!;
            _count--;
            _bytes -= _oldest.Message.Length;
        }

        var late = new List<BroadcastSubscription>();
        foreach (var subscription in _attached)
        {
            if (subscription.Next <= _oldest.Sequence)
            {
                late.Add(subscription);
            }
        }

        late.ForEach(s => _attached.Remove(s));
        return late;
    }
}
