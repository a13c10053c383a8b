using EventBroker.Transport.Kafka.Topics;

namespace EventBroker.Transport.Kafka.Broadcast;

// Reading for itself what the shared end of the event does not have.
internal sealed partial class BroadcastSubscription : IReaderSink
{
    private readonly Queue<FeedRecord> _ahead = new();
    private bool[] _ends;
    private TopicReader? _reader;
    private bool _isQueued;
    private volatile int _aheadCount;
    private bool _isFull;

    /// <inheritdoc/>
    public bool HasRoom => _aheadCount < _options.BufferSize;

    /// <inheritdoc/>
    public void OnRead(IReadOnlyList<FeedRecord> records)
    {
        lock (_gate)
        {
            if (_reader is null)
            {
                return;
            }

            foreach (var record in records)
            {
                _ahead.Enqueue(record);
                NoteEnd(record.Partition, isEnd: false);
            }

            _aheadCount = _ahead.Count;
            _isFull |= _aheadCount >= _options.BufferSize;
        }

        Ready();
    }

    /// <inheritdoc/>
    public void OnEnd(int partition, long offset)
    {
        lock (_gate)
        {
            NoteEnd(partition, isEnd: true);
            _isAtEnd = _reader is not null && Array.TrueForAll(_ends, static e => e);
        }

        // Nothing is ahead, perhaps, and the rest is for all alike.
        Ready();
    }

    private void NoteEnd(int partition, bool isEnd)
    {
        if (partition >= _ends.Length)
        {
            Array.Resize(ref _ends, partition + 1);
        }

        _ends[partition] = isEnd;
        _isAtEnd &= isEnd;
    }

    private bool HasMore() => _ahead.Count > 0 || _node is { HasLeft: true } || _node?.Next is not null;

    private void WakeIfEmptied()
    {
        _aheadCount = _ahead.Count;
        if (_isFull && _aheadCount <= _options.BufferSize / 2)
        {
            _isFull = false;
            _reader?.Wake();
        }
    }

    // Gives up reading for itself where the shared end has everything that comes next.
    private bool TryFollow()
    {
        if (!_topic.Feed.TryAttach(_next, _isAtEnd, out _node))
        {
            return false;
        }

        StopReading();
        return true;
    }

    private bool WaitForMore()
    {
        if (_node is not null || TryFollow())
        {
            return _topic.Feed.Wait(this, _node!);
        }

        if (_reader is null && !_isQueued)
        {
            _isQueued = true;
            _ = StartReadingAsync();
        }

        return true;
    }

    // Only so many read for themselves at a time.
    private async Task StartReadingAsync()
    {
        await _state.Replays.WaitAsync();
        lock (_gate)
        {
            _isQueued = false;
            if (_end is null && _reader is null && _node is null)
            {
                Array.Clear(_ends);
                _reader = new TopicReader(_topic, _next, this, _state);
                _reader.Start();
                return;
            }
        }

        _state.Replays.Release();
    }

    private void StopReading()
    {
        if (_reader is not null)
        {
            _reader.Stop();
            _reader = null;
            _ahead.Clear();
            _aheadCount = 0;
            _state.Replays.Release();
        }
    }
}
