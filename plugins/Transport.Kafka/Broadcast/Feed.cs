using EventBroker.Transport.Kafka.Topics;

namespace EventBroker.Transport.Kafka.Broadcast;

/// <summary>The end of an event, read once for all broadcast subscriptions of this host, and kept for a while, so that whoever is a little behind
/// need not read for itself. Nothing is read before somebody waits.</summary>
internal sealed class Feed(EventTopic topic, KafkaState state) : IReaderSink
{
    private const int MaxRecords = 8_192;
    private const long MaxBytes = 16 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly List<BroadcastSubscription> _waiting = [];
    private TopicReader? _reader;
    private FeedNode _oldest = new(default);
    private FeedNode _newest = null!;
    private int _count;
    private long _bytes;

    // In each partition: from where on the records are here, and what comes next.
    private long[] _from = [];
    private long[] _next = [];

    /// <inheritdoc/>
    public bool HasRoom => true;

    /// <summary>Lets a subscription go on from here, if what comes next for it is here or will be.</summary>
    /// <param name="next">What comes next for it, in each partition.</param>
    /// <param name="starts">Whether it reads the end, so that the feed may begin with it.</param>
    /// <param name="node">The record behind which it goes on.</param>
    public bool TryAttach(ReadOnlySpan<long> next, bool starts, out FeedNode? node)
    {
        lock (_gate)
        {
            node = null;
            if (_reader is null)
            {
                if (!starts)
                {
                    return false;
                }

                Start(next);
            }

            var isAtEnd = true;
            for (var i = 0; i < _from.Length; i++)
            {
                var own = i < next.Length ? next[i] : 0;
                if (own < _from[i])
                {
                    return false;
                }

                isAtEnd &= own >= _next[i];
            }

            node = isAtEnd ? _newest : _oldest;
            return true;
        }
    }

    /// <summary>Sees to it that a subscription is told once there is more behind a record.</summary>
    /// <returns>Whether it waits; otherwise there is more already, or the record has left.</returns>
    public bool Wait(BroadcastSubscription subscription, FeedNode node)
    {
        lock (_gate)
        {
            if (node.Next is not null || node.HasLeft || _reader is null)
            {
                return false;
            }

            _waiting.Add(subscription);
            return true;
        }
    }

    public void Grow(int partitions)
    {
        lock (_gate)
        {
            if (_reader is null)
            {
                return;
            }

            var before = _from.Length;
            Array.Resize(ref _from, partitions);
            Array.Resize(ref _next, partitions);
            for (var i = before; i < partitions; i++)
            {
                _reader.Add(i);
            }
        }
    }

    public void Stop()
    {
        List<BroadcastSubscription> waiting;
        lock (_gate)
        {
            _reader?.Stop();
            _reader = null;
            waiting = [.. _waiting];
            _waiting.Clear();
        }

        waiting.ForEach(static s => s.Ready());
    }

    /// <inheritdoc/>
    public void OnRead(IReadOnlyList<FeedRecord> records)
    {
        List<BroadcastSubscription> waiting;
        lock (_gate)
        {
            foreach (var record in records)
            {
                if (record.Partition >= _next.Length || record.Offset < _next[record.Partition])
                {
                    continue;
                }

                _next[record.Partition] = record.Offset + 1;
                var node = new FeedNode(record);
                _newest.Next = node;
                _newest = node;
                _count++;
                _bytes += record.Message.Length;
                while (_count > MaxRecords || (_bytes > MaxBytes && _count > 1))
                {
                    LetGo();
                }
            }

            waiting = [.. _waiting];
            _waiting.Clear();
        }

        waiting.ForEach(static s => s.Ready());
    }

    /// <inheritdoc/>
    public void OnEnd(int partition, long offset)
    {
    }

    // Under the lock.
    private void Start(ReadOnlySpan<long> next)
    {
        _from = next.ToArray();
        _next = next.ToArray();
        _oldest = _newest = new FeedNode(default);
        (_count, _bytes) = (0, 0);
        _reader = new TopicReader(topic, next, this, state);
        _reader.Start();
    }

    // Under the lock. The oldest is the one behind which the first record that is kept stands.
    private void LetGo()
    {
        var first = _oldest.Next!;
        _oldest.Leave();
        _oldest = first;
        _from[first.Record.Partition] = first.Record.Offset + 1;
        _count--;
        _bytes -= first.Record.Message.Length;
    }
}
