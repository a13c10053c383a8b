using System.Runtime.InteropServices;
using EventBroker.Transport.Memory.Storage;

namespace EventBroker.Transport.Memory.Groups;

/// <summary>What the members of a group gave back, ordered by when it is due.</summary>
/// <remarks>Holds its own copies, so that a long delay outlives retention and keeps no slab alive. Bounded like the
/// event: when it is full, the group hands out what is due first before its time and takes no new messages.
/// Used under the group's lock.</remarks>
internal sealed class RedeliveryQueue(MemorySettings settings, StorageBudget budget)
{
    private readonly PriorityQueue<Held, (long Due, ulong Sequence)> _queue = new();
    private long _bytes;

    public int Count => _queue.Count;

    public bool IsEmpty => _queue.Count == 0;

    public bool IsFull => _bytes > settings.MaxBytesPerEvent.Bytes || _queue.Count > settings.MaxMessagesPerEvent;

    /// <summary>Gets when the first one is due; <see cref="long.MaxValue"/> if there is none.</summary>
    public long NextDue => _queue.TryPeek(out _, out var priority) ? priority.Due : long.MaxValue;

    public bool HasDue(long now) => NextDue <= now || IsFull;

    public void Enqueue(Held held, long due)
    {
        var message = held.Message;
        if (!MemoryMarshal.TryGetArray(message, out var segment) || segment.Count != segment.Array!.Length)
        {
            message = message.ToArray();
        }

        _bytes += message.Length;
        budget.Add(message.Length);
        _queue.Enqueue(
            new Held
            {
                Sequence = held.Sequence,
                Message = message,
                AcceptedTicks = held.AcceptedTicks,
                RetryCount = held.RetryCount + 1,
            },
            (due, held.Sequence));
    }

    public Held Dequeue()
    {
        var held = _queue.Dequeue();
        _bytes -= held.Message.Length;
        budget.Add(-held.Message.Length);
        return held;
    }

    public void Clear()
    {
        budget.Add(-_bytes);
        _bytes = 0;
        _queue.Clear();
    }
}
