using EventBroker.Transport.Local.Storage;

namespace EventBroker.Transport.Memory.Storage;

internal sealed partial class EventLog
{
    /// <inheritdoc/>
    public override Slab? FindSlab(ulong sequence)
    {
        // Most readers are near the end.
        var slabs = _slabs;
        var high = slabs.Length - 1;
        if (high >= 0 && slabs[high].First <= sequence)
        {
            return slabs[high];
        }

        var low = 0;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            if (slabs[middle].First <= sequence)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return high < 0 ? null : slabs[high];
    }

    /// <inheritdoc/>
    public override ulong LowerBound(long ticks)
    {
        var tail = Tail;
        var slabs = _slabs;
        var low = 0;
        var high = slabs.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (slabs[middle].FirstAcceptedTicks < ticks)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        // All slabs from `low` on begin at or after the time; the one before may hold some that do, too.
        if (low == 0)
        {
            return slabs.Length == 0 ? tail : slabs[0].First;
        }

        var slab = slabs[low - 1];
        return slab.First + (ulong)slab.LowerBound(ticks);
    }
}
