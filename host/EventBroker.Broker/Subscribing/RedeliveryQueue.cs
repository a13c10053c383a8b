namespace EventBroker.Broker.Subscribing;

/// <summary>Deliveries of one subscription that wait to be delivered again, the one that is due first in front; those that are due at the same
/// time keep their order. Not safe for concurrent use; the subscription's lock guards it.</summary>
internal sealed class RedeliveryQueue
{
    private readonly PriorityQueue<InFlight, (long Due, long Order)> _queue = new();
    private long _order;

    public int Count => _queue.Count;

    public long Bytes { get; private set; }

    public void Add(in InFlight entry, long due)
    {
        _queue.Enqueue(entry, (due, _order++));
        Bytes += entry.Delivery.Message.Length;
    }

    /// <summary>When the first is due; <see cref="long.MaxValue"/> if there is none.</summary>
    public long EarliestDue() => _queue.TryPeek(out _, out var priority) ? priority.Due : long.MaxValue;

    public bool TryTakeDue(long now, out InFlight entry)
    {
        if (EarliestDue() <= now)
        {
            return TryTakeAny(out entry);
        }

        entry = default;
        return false;
    }

    public bool TryTakeAny(out InFlight entry)
    {
        var taken = _queue.TryDequeue(out entry, out _);
        Bytes -= entry.Delivery.Message.Length;
        return taken;
    }
}
