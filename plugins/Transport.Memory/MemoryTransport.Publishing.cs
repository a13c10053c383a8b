using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Memory;

public sealed partial class MemoryTransport
{
    /// <inheritdoc/>
    public ValueTask<PublishReceipt> PublishAsync(string eventName, TransportMessage message, CancellationToken cancellationToken)
    {
        var entry = Find(eventName);
        var position = entry.Append(message, out var openedSlab);
        if (openedSlab)
        {
            TrimTotal(entry);
        }

        return ValueTask.FromResult(new PublishReceipt { Position = position });
    }

    /// <inheritdoc/>
    public ValueTask PublishAsync(string eventName, PublishBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var entry = Find(eventName);
        entry.Append(batch, out var openedSlab);
        if (openedSlab)
        {
            TrimTotal(entry);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Drops the oldest slabs among all events until the total is within its limit again. Never the one that was
    /// just opened: a publish is not undone by itself.</summary>
    private void TrimTotal(EventEntry publishing)
    {
        if (!_storage.IsExceeded)
        {
            return;
        }

        lock (_trimming)
        {
            while (_storage.IsExceeded)
            {
                EventEntry? victim = null;
                var oldest = long.MaxValue;
                foreach (var (_, entry) in _events)
                {
                    var ticks = entry.Log.GetOldestSlabTicks(spareLast: entry == publishing);
                    if (ticks < oldest)
                    {
                        (victim, oldest) = (entry, ticks);
                    }
                }

                if (victim is null)
                {
                    return;
                }

                victim.Log.DropOldestSlab();
            }
        }
    }
}
