namespace EventBroker.Transport.Kafka.Places;

/// <summary>What waits at a place for its readers, and who waits for it: each record to one of them, those first who have waited longest. Of the
/// records of one key only the oldest unsettled one is given out. Guarded by the place's lock; what it returns to be called is called outside.</summary>
internal sealed class HandOut
{
    private readonly List<PlaceMember> _readers = [];
    private readonly LinkedList<PlaceMember> _waiting = [];
    private readonly LinkedList<HeldRecord> _fresh = [];
    private readonly LinkedList<HeldRecord> _again = [];

    // Who is behind the one of its key that is given out.
    private readonly Dictionary<string, Queue<HeldRecord>> _lanes = new(StringComparer.Ordinal);
    private bool _isFreshsTurn;

    public int AvailableCount => _fresh.Count + _again.Count;

    public void Join(PlaceMember reader) => _readers.Add(reader);

    public bool Leave(PlaceMember reader)
    {
        StopWaiting(reader);
        return _readers.Remove(reader);
    }

    /// <summary>Adds a record that was just read.</summary>
    public void Add(HeldRecord record)
    {
        record.Share.Unread++;
        record.Share.UnreadBytes += record.Message.Length;
        if (record.Key is { } key)
        {
            if (_lanes.TryGetValue(key, out var lane))
            {
                lane.Enqueue(record);
                return;
            }

            _lanes[key] = new Queue<HeldRecord>();
        }

        record.Node = _fresh.AddLast(record);
    }

    /// <summary>Takes a record back that was given out: behind the others that are to be handed over again, or where it was if nobody got it.</summary>
    public void TakeBack(HeldRecord record, bool wasNeverSent)
    {
        record.Share.Unread++;
        record.Share.UnreadBytes += record.Message.Length;
        if (!wasNeverSent)
        {
            record.Node = _again.AddLast(record);
            return;
        }

        var before = _fresh.First;
        while (before is not null && before.Value.Share == record.Share && before.Value.Offset < record.Offset)
        {
            before = before.Next;
        }

        record.Node = before is null ? _fresh.AddLast(record) : _fresh.AddBefore(before, record);
    }

    /// <summary>Gives out what stood behind a record of the same key.</summary>
    public void Passed(HeldRecord record)
    {
        if (record.Key is not { } key || !_lanes.TryGetValue(key, out var lane))
        {
            return;
        }

        while (lane.TryDequeue(out var next))
        {
            if (next.State == RecordState.Unread)
            {
                next.Node = _fresh.AddLast(next);
                return;
            }
        }

        _lanes.Remove(key);
    }

    /// <summary>Takes out a record that is not this host's any more.</summary>
    public static void Remove(HeldRecord record)
    {
        record.Node?.List?.Remove(record.Node);
        record.Node = null;
    }

    /// <summary>Ends a reader's demand, and gives it what is for it.</summary>
    public void Read(PlaceMember reader, List<HeldRecord> taken, int most, int maxBytes)
    {
        StopWaiting(reader);
        var bytes = 0;
        while (taken.Count < most && (taken.Count == 0 || bytes < maxBytes) && Next(reader) is { } record)
        {
            Remove(record);
            record.Share.Unread--;
            record.Share.UnreadBytes -= record.Message.Length;
            bytes += record.Message.Length;
            taken.Add(record);
        }
    }

    public void Demand(PlaceMember reader, int count)
    {
        reader.IsComing = false;
        if (reader.Demanded == 0)
        {
            _waiting.AddLast(reader.Node);
        }

        reader.Demanded = count;
    }

    /// <summary>Chooses whom to tell of what is there.</summary>
    /// <returns>What tells them; null for nobody.</returns>
    public Action? PlanWakeUps()
    {
        var left = AvailableCount;
        if (left == 0 || _waiting.Count == 0)
        {
            return null;
        }

        foreach (var reader in _readers)
        {
            left -= reader.IsComing ? 1 : 0;
        }

        Action? wake = null;
        for (var node = _waiting.First; node is not null && left > 0;)
        {
            var reader = node.Value;
            var next = node.Next;
            if (Find(_fresh, reader) is not null || Find(_again, reader) is not null)
            {
                left -= reader.Demanded;
                reader.Demanded = 0;
                reader.IsComing = true;
                _waiting.Remove(node);
                wake += reader.Signal;
            }

            node = next;
        }

        return wake;
    }

    private HeldRecord? Next(PlaceMember reader)
    {
        // What comes again and what is new take turns, so that neither keeps the other away.
        var (first, second) = _isFreshsTurn ? (_fresh, _again) : (_again, _fresh);
        _isFreshsTurn = !_isFreshsTurn;
        return Find(first, reader) ?? Find(second, reader);
    }

    private HeldRecord? Find(LinkedList<HeldRecord> list, PlaceMember reader)
    {
        for (var node = list.First; node is not null; node = node.Next)
        {
            if (node.Value.Avoided != reader || !IsAnotherFree(reader))
            {
                return node.Value;
            }
        }

        return null;
    }

    private void StopWaiting(PlaceMember reader)
    {
        reader.IsComing = false;
        if (reader.Demanded > 0)
        {
            reader.Demanded = 0;
            _waiting.Remove(reader.Node);
        }
    }

    // Whether somebody else waits, or was told and is on the way.
    private bool IsAnotherFree(PlaceMember reader)
    {
        foreach (var other in _readers)
        {
            if (other != reader && (other.Demanded > 0 || other.IsComing))
            {
                return true;
            }
        }

        return false;
    }
}
