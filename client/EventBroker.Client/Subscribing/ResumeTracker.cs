namespace EventBroker.Client.Subscribing;

/// <summary>Knows behind which message a broadcast subscription goes on after a cut: the last one up to which everything is
/// settled. What was settled out of order beyond it comes again from the server and is recognised here.</summary>
internal sealed class ResumeTracker(int limit, Action leftBehind)
{
    private readonly Lock _lock = new();
    private readonly Queue<ResumeEntry> _entries = new();
    private Dictionary<MessageKey, ResumeEntry> _before = [];
    private string? _cursor;
    private int _generation;

    /// <summary>Gets the cursor to resume after; null if the server has told none.</summary>
    public string? Cursor
    {
        get
        {
            lock (_lock)
            {
                return _cursor;
            }
        }
    }

    /// <summary>Sets where the subscription began.</summary>
    public void Begin(string? cursor)
    {
        lock (_lock)
        {
            _cursor ??= cursor;
        }
    }

    /// <summary>The stream was cut: everything behind <see cref="Cursor"/> will come again.</summary>
    public void Cut()
    {
        lock (_lock)
        {
            _generation++;

            // Those from before that had not come again yet will do so now; or never, if retention has removed them meanwhile, so there
            // is an end to remembering them: then what was settled may be shown once more.
            var before = _before.Count + _entries.Count > limit ? [] : _before;
            _before = [];
            foreach (var entry in before.Values.Concat(_entries))
            {
                _before[entry.Key] = entry;
            }

            _entries.Clear();
        }
    }

    /// <summary>Notes a message that came.</summary>
    /// <param name="message">The message.</param>
    /// <param name="entry">What remembers it; null if it can't be resumed at.</param>
    /// <returns>False if it was settled before the cut: nobody needs to see it again.</returns>
    public bool TryAdd(IncomingMessage message, out ResumeEntry? entry)
    {
        var key = MessageKey.Of(message);
        lock (_lock)
        {
            if (message.Cursor.Length == 0)
            {
                // A redelivery: the entry of the first delivery waits for its settlement.
                entry = Find(key);
                if (entry is not null)
                {
                    entry.Deliveries++;
                }

                return true;
            }

            var known = _before.Remove(key, out var before);
            entry = new ResumeEntry(this, _generation, message.Cursor, key, known ? before!.Deliveries + 1 : 1);
            _entries.Enqueue(entry);
            if (known && before!.IsSettled)
            {
                entry.IsSettled = true;
                Advance();
                return false;
            }

            if (_entries.Count > limit)
            {
                _cursor = _entries.Dequeue().Cursor;
                Advance();
                leftBehind();
            }

            return true;
        }
    }

    /// <summary>The server has confirmed the ack of a message.</summary>
    /// <returns>False if the stream was cut since, so that the message comes again all the same.</returns>
    public bool TrySettle(ResumeEntry entry)
    {
        lock (_lock)
        {
            if (entry.Generation != _generation)
            {
                return false;
            }

            entry.IsSettled = true;
            Advance();
            return true;
        }
    }

    private ResumeEntry? Find(MessageKey key)
    {
        foreach (var entry in _entries)
        {
            if (!entry.IsSettled && entry.Key == key)
            {
                return entry;
            }
        }

        return null;
    }

    private void Advance()
    {
        while (_entries.TryPeek(out var entry) && entry.IsSettled)
        {
            _cursor = entry.Cursor;
            _entries.Dequeue();
        }
    }
}
