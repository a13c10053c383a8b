using EventBroker.Sdk.Messages;

namespace EventBroker.Sdk.Transports;

/// <summary>Finds up to where everything read is completed, for backends that remember a single place (a Kafka
/// partition's offset, a consumer id's cursor in a log). Positions must be read in ascending order and may be completed in any.</summary>
/// <remarks>Not safe for concurrent use. A ring, so that reading and completing cost no allocation in steady state.</remarks>
public sealed class CompletionTracker
{
    private Entry[] _ring = new Entry[16];
    private long _head;
    private long _tail;

    /// <summary>Gets the number of positions that were read and are not completed, or lie behind one that is not.</summary>
    public int Count => (int)(_tail - _head);

    /// <summary>Gets the last position up to which everything is completed; null before the first.</summary>
    public Position? CompletedThrough { get; private set; }

    /// <summary>Notes that a position was read.</summary>
    /// <param name="position">The position, above all that were read before.</param>
    public void Add(Position position)
    {
        if (_tail - _head == _ring.Length)
        {
            Grow();
        }

        _ring[_tail++ & (_ring.Length - 1)] = new Entry { Position = position };
    }

    /// <summary>Notes that a position is completed. One that was not read, or is completed already, changes nothing.</summary>
    /// <param name="position">The position.</param>
    /// <returns>Whether <see cref="CompletedThrough"/> has moved.</returns>
    public bool Complete(Position position)
    {
        var mask = _ring.Length - 1;
        var low = _head;
        var high = _tail - 1;
        while (low <= high)
        {
            var middle = low + ((high - low) / 2);
            ref var entry = ref _ring[middle & mask];
            var order = entry.Position.CompareTo(position);
            if (order == 0)
            {
                entry.Completed = true;
                return Advance();
            }

            if (order < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return false;
    }

    /// <summary>Lists what was read and is not completed, in the order of reading: what comes again when the reader is replaced.</summary>
    /// <returns>A new list; empty if everything is completed.</returns>
    public IReadOnlyList<Position> GetUncompleted()
    {
        var uncompleted = new List<Position>();
        for (var i = _head; i < _tail; i++)
        {
            ref readonly var entry = ref _ring[i & (_ring.Length - 1)];
            if (!entry.Completed)
            {
                uncompleted.Add(entry.Position);
            }
        }

        return uncompleted;
    }

    private bool Advance()
    {
        var before = _head;
        var mask = _ring.Length - 1;
        while (_head < _tail && _ring[_head & mask].Completed)
        {
            CompletedThrough = _ring[_head & mask].Position;
            _head++;
        }

        return _head != before;
    }

    private void Grow()
    {
        var larger = new Entry[_ring.Length * 2];
        for (var i = _head; i < _tail; i++)
        {
            larger[i & (larger.Length - 1)] = _ring[i & (_ring.Length - 1)];
        }

        _ring = larger;
    }

    private struct Entry
    {
        public Position Position;
        public bool Completed;
    }
}
