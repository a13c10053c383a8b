using EventBroker.Sdk.Messages;

namespace EventBroker.Transport.Nats.Broadcast;

/// <summary>The newest messages of an event on this host, within bounds, for all its broadcast subscriptions. Safe for concurrent use.</summary>
internal sealed class Ring(int maxMessages, long maxBytes)
{
    private readonly Lock _gate = new();
    private EncodedMessage[] _messages = new EncodedMessage[16];
    private long _bytes;
    private long _oldest;
    private long _end;

    /// <summary>Gets how many came so far: the place of the next.</summary>
    public long End
    {
        get
        {
            lock (_gate)
            {
                return _end;
            }
        }
    }

    public void Add(EncodedMessage message)
    {
        lock (_gate)
        {
            if (_end - _oldest == _messages.Length && _messages.Length <= maxMessages)
            {
                Grow();
            }

            while (_end - _oldest == _messages.Length || _end - _oldest >= maxMessages || (_bytes + message.Length > maxBytes && _end > _oldest))
            {
                ref var gone = ref _messages[_oldest++ & (_messages.Length - 1)];
                _bytes -= gone.Length;
                gone = default;
            }

            _messages[_end++ & (_messages.Length - 1)] = message;
            _bytes += message.Length;
        }
    }

    /// <summary>Copies messages from a place on.</summary>
    /// <param name="next">The place; moved to the oldest that is there if it is gone.</param>
    /// <param name="destination">Where to.</param>
    /// <returns>How many were copied.</returns>
    public int Read(ref long next, Span<EncodedMessage> destination)
    {
        lock (_gate)
        {
            next = Math.Max(next, _oldest);
            var count = (int)Math.Min(destination.Length, _end - next);
            for (var i = 0; i < count; i++)
            {
                destination[i] = _messages[(next + i) & (_messages.Length - 1)];
            }

            return count;
        }
    }

    // Under the lock.
    private void Grow()
    {
        var larger = new EncodedMessage[_messages.Length * 2];
        for (var i = _oldest; i < _end; i++)
        {
            larger[i & (larger.Length - 1)] = _messages[i & (_messages.Length - 1)];
        }

        _messages = larger;
    }
}
