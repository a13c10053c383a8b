namespace EventBroker.Client.Publishing;

/// <summary>The messages of a publish stream, in their order: those that wait to be sent, and those that wait for their answer.</summary>
internal sealed class PublishQueue(TimeProvider time)
{
    // What the broker takes to its transport together, and well below the windows of HTTP/2.
    private const int LargestPiece = 256;
    private const int LargestPieceBytes = 256 * 1024;

    private readonly Lock _lock = new();

    // Bounded by who publishes: each message here is one that a caller waits for.
    private readonly Queue<PendingPublish> _waiting = new();
    private readonly Queue<PendingPublish> _sent = new();
    private readonly List<PendingPublish> _piece = new(LargestPiece);
    private readonly PieceWindow _window = new(time);

    // Beginning with the greeting.
    private long _decided = 1;
    private long _lastWord = time.GetTimestamp();
    private bool _isWriting;
    private bool _isClosing;
    private bool _isOver;

    /// <summary>Gets whether it takes no more messages.</summary>
    public bool IsOver
    {
        get
        {
            lock (_lock)
            {
                return _isOver || _isClosing;
            }
        }
    }

    private bool IsEmpty => _sent.Count + _waiting.Count == 0;

    /// <summary>Adds a message.</summary>
    /// <param name="message">Which one.</param>
    /// <param name="startsWriting">Whether the writing must be begun.</param>
    /// <returns>False if it takes none.</returns>
    public bool TryAdd(PendingPublish message, out bool startsWriting)
    {
        lock (_lock)
        {
            startsWriting = false;
            if (_isOver || _isClosing)
            {
                return false;
            }

            if (IsEmpty)
            {
                _lastWord = time.GetTimestamp();
            }

            _waiting.Enqueue(message);
            startsWriting = StartsWriting();
            return true;
        }
    }

    /// <summary>Takes no more messages.</summary>
    /// <returns>Whether the writing must be begun, which ends the stream once everything is written.</returns>
    public bool Close()
    {
        lock (_lock)
        {
            _isClosing = true;
            return StartsWriting();
        }
    }

    /// <summary>Takes what is written next. To be asked again and again by whoever was told to begin the writing, until there is nothing.</summary>
    /// <param name="isLast">Whether nothing is written any more at all.</param>
    /// <returns>Null if there is nothing to write, or if it had better gather.</returns>
    public IReadOnlyList<PendingPublish>? TakePiece(out bool isLast)
    {
        lock (_lock)
        {
            isLast = false;
            _piece.Clear();
            if (_window.IsFull && _waiting.Count < LargestPiece && !_isClosing)
            {
                _isWriting = false;
                return null;
            }

            for (var bytes = 0; _piece.Count < LargestPiece && bytes < LargestPieceBytes && _waiting.TryDequeue(out var message);)
            {
                if (!message.IsAbandoned)
                {
                    bytes += message.Size;
                    _piece.Add(message);
                    _sent.Enqueue(message);
                }
            }

            if (_piece.Count > 0)
            {
                _window.Sent(_piece.Count);
                return _piece;
            }

            isLast = _isClosing;
            _isWriting = isLast;
            return null;
        }
    }

    /// <summary>The broker has answered all messages before one.</summary>
    /// <param name="count">Which one, the greeting being the first.</param>
    /// <param name="first">The first one that is answered by this.</param>
    /// <param name="startsWriting">Whether the writing must be begun.</param>
    /// <returns>Those that are answered by this.</returns>
    public PendingPublish[] Answered(long count, out long first, out bool startsWriting)
    {
        lock (_lock)
        {
            first = _decided;
            var decided = new PendingPublish[Math.Min(count - first, _sent.Count)];
            for (var i = 0; i < decided.Length; i++)
            {
                decided[i] = _sent.Dequeue();
            }

            _decided = count;
            _lastWord = time.GetTimestamp();
            _window.Answered(count);
            startsWriting = _waiting.Count > 0 && StartsWriting();
            return decided;
        }
    }

    /// <summary>The stream is over.</summary>
    /// <returns>What was sent without an answer, and what was not sent.</returns>
    public (PendingPublish[] Sent, PendingPublish[] Waiting) End()
    {
        lock (_lock)
        {
            _isOver = true;
            var left = (_sent.ToArray(), _waiting.ToArray());
            _sent.Clear();
            _waiting.Clear();
            return left;
        }
    }

    /// <summary>Looks for how long the broker has said nothing of what it was sent.</summary>
    /// <returns>Zero if nothing waits for an answer.</returns>
    public TimeSpan SilentFor()
    {
        lock (_lock)
        {
            return IsEmpty ? TimeSpan.Zero : time.GetElapsedTime(_lastWord);
        }
    }

    /// <summary>Looks for how long nobody has used it.</summary>
    /// <returns>Zero if something waits for an answer.</returns>
    public TimeSpan IdleFor()
    {
        lock (_lock)
        {
            return IsEmpty ? time.GetElapsedTime(_lastWord) : TimeSpan.Zero;
        }
    }

    /// <summary>Lists the events whose messages wait for an answer.</summary>
    public IReadOnlyCollection<string> Events()
    {
        lock (_lock)
        {
            return _sent.Concat(_waiting).Select(static message => message.Item.Event).ToHashSet(StringComparer.Ordinal);
        }
    }

    // Under the lock.
    private bool StartsWriting()
    {
        if (_isWriting || _isOver)
        {
            return false;
        }

        _isWriting = true;
        return true;
    }
}
