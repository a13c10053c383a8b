namespace EventBroker.Client.Subscribing;

/// <summary>Behind the last message up to which everything is settled. What was settled out of order beyond it comes again from the server and is
/// recognised here.</summary>
internal sealed class SettledPlace(string? cursor, Action leftBehind) : CursorPlace
{
    /// <summary>How many messages are remembered behind one that stays unsettled.</summary>
    public const int Limit = 100_000;

    private readonly Lock _lock = new();
    private readonly Queue<ResumeEntry> _entries = new();
    private Dictionary<MessageKey, ResumeEntry> _before = [];
    private string? _cursor = cursor;
    private int _generation;

    public override string? Cursor
    {
        get
        {
            lock (_lock)
            {
                return _cursor;
            }
        }
    }

    // Everything behind the cursor will come again.
    public override void Cut()
    {
        lock (_lock)
        {
            _generation++;

            // Those from before that had not come again yet will do so now; or never, if retention has removed them meanwhile, so there
            // is an end to remembering them: then what was settled may be shown once more.
            var before = _before.Count + _entries.Count > Limit ? [] : _before;
            _before = [];
            foreach (var entry in before.Values.Concat(_entries))
            {
                _before[entry.Key] = entry;
            }

            _entries.Clear();
        }
    }

    // Nobody needs to see again what was settled before the cut.
    public override bool TryAdd(IncomingMessage message, out ResumeEntry? entry)
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

            if (_entries.Count > Limit)
            {
                _cursor = _entries.Dequeue().Cursor;
                Advance();
                leftBehind();
            }

            return true;
        }
    }

    /// <inheritdoc cref="ResumeEntry.TrySettle"/>
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
