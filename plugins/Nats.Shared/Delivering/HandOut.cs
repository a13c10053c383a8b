namespace EventBroker.Nats.Delivering;

/// <summary>What waits at a place for its readers, and who waits for it: each message to one of them, those first who have waited
/// longest. Guarded by the place's lock; what it returns to be called is called outside of it.</summary>
/// <typeparam name="T">The messages.</typeparam>
internal sealed class HandOut<T>
    where T : class, IUnread
{
    private readonly List<Reader> _readers = [];
    private readonly LinkedList<Reader> _waiting = [];
    private readonly LinkedList<T> _unread = [];

    public int UnreadCount => _unread.Count;

    public IEnumerable<T> Unread => _unread;

    public bool AnyWaits => _waiting.Count > 0;

    /// <summary>Gets how many all who wait would take.</summary>
    public int Demanded
    {
        get
        {
            var demanded = 0;
            foreach (var reader in _waiting)
            {
                demanded += reader.Demanded;
            }

            return demanded;
        }
    }

    public void Join(Reader reader) => _readers.Add(reader);

    /// <summary>Takes a reader out.</summary>
    /// <returns>Whether it was in.</returns>
    public bool Leave(Reader reader)
    {
        StopWaiting(reader);
        return _readers.Remove(reader);
    }

    public void Add(T message) => _unread.AddLast(message);

    public bool Remove(T message) => _unread.Remove(message);

    /// <summary>Takes out the oldest.</summary>
    public T? RemoveOldest()
    {
        var oldest = _unread.First?.Value;
        if (oldest is not null)
        {
            _unread.RemoveFirst();
        }

        return oldest;
    }

    /// <summary>Ends a reader's demand, and gives it what is for it.</summary>
    /// <returns>How many were taken.</returns>
    public int Read<TTarget>(Reader reader, TTarget target, int most, int maxBytes, Action<TTarget, T> take)
    {
        StopWaiting(reader);
        var (count, bytes) = (0, 0);
        for (var node = _unread.First; node is not null && count < most && (count == 0 || bytes < maxBytes);)
        {
            var next = node.Next;
            if (IsFor(reader, node.Value))
            {
                _unread.Remove(node);
                bytes += node.Value.Length;
                count++;
                take(target, node.Value);
            }

            node = next;
        }

        return count;
    }

    /// <summary>Notes that a reader waits.</summary>
    public void Demand(Reader reader, int count)
    {
        reader.IsComing = false;
        if (reader.Demanded == 0)
        {
            _waiting.AddLast(reader);
        }

        reader.Demanded = count;
    }

    /// <summary>Chooses whom to tell of what is unread.</summary>
    /// <returns>What tells them; null for nobody.</returns>
    public Action? PlanWakeUps()
    {
        var left = _unread.Count;
        foreach (var reader in _readers)
        {
            left -= reader.IsComing ? 1 : 0;
        }

        Action? wake = null;
        for (var node = _waiting.First; node is not null && left > 0;)
        {
            var reader = node.Value;
            var next = node.Next;
            if (HasAnyFor(reader))
            {
                left -= reader.Demanded;
                reader.Demanded = 0;
                reader.IsComing = true;
                _waiting.Remove(node);
                wake += reader.Subscriber.Ready;
            }

            node = next;
        }

        return wake;
    }

    private void StopWaiting(Reader reader)
    {
        reader.IsComing = false;
        if (reader.Demanded > 0)
        {
            reader.Demanded = 0;
            _waiting.Remove(reader);
        }
    }

    private bool IsFor(Reader reader, T message) => message.Avoided != reader || !IsAnotherFree(reader);

    private bool HasAnyFor(Reader reader)
    {
        foreach (var message in _unread)
        {
            if (IsFor(reader, message))
            {
                return true;
            }
        }

        return false;
    }

    // Whether somebody else waits, or was told and is on the way.
    private bool IsAnotherFree(Reader reader)
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
