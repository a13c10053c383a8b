using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Local.Storage;

namespace EventBroker.Transport.Memory.Storage;

internal sealed partial class EventLog
{
    /// <summary>Appends a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="position">Where it stands.</param>
    /// <param name="openedSlab">Whether it began a new slab.</param>
    /// <returns>False if the log was closed in the meantime: the event is gone.</returns>
    public bool TryAppend(EncodedMessage message, out Position position, out bool openedSlab)
    {
        openedSlab = false;
        position = default;
        var ticks = _clock.GetUtcNow().UtcTicks;
        lock (_lock)
        {
            if (_closed)
            {
                return false;
            }

            position = new Position(Epoch, _tail);
            ticks = _lastAcceptedTicks = Math.Max(ticks, _lastAcceptedTicks);
            openedSlab = Append(message.Bytes.Span, ticks);
            Evict(ticks);
        }

        return true;
    }

    /// <summary>Appends the messages of a batch that have not failed, in their order, and notes where they stand.</summary>
    /// <inheritdoc cref="TryAppend(EncodedMessage, out Position, out bool)"/>
    public bool TryAppend(PublishBatch batch, out bool openedSlab)
    {
        openedSlab = false;
        var ticks = _clock.GetUtcNow().UtcTicks;
        lock (_lock)
        {
            if (_closed)
            {
                return false;
            }

            ticks = _lastAcceptedTicks = Math.Max(ticks, _lastAcceptedTicks);
            for (var i = 0; i < batch.Count; i++)
            {
                if (batch.GetFailure(i) is not null)
                {
                    continue;
                }

                batch.Accept(i, new PublishReceipt { Position = new Position(Epoch, _tail) });
                openedSlab |= Append(batch[i].Message.Bytes.Span, ticks);
                Evict(ticks);
            }
        }

        return true;
    }

    private bool Append(ReadOnlySpan<byte> message, long ticks)
    {
        var slab = _open;
        if (slab is not null && slab.HasRoomFor(message.Length))
        {
            var before = slab.AllocatedBytes;
            slab.Append(message, ticks);
            if (slab.AllocatedBytes != before)
            {
                _budget.Add(slab.AllocatedBytes - before);
            }
        }
        else
        {
            _open = new Slab(_tail, ChooseSlabSize(message.Length));
            _open.Append(message, ticks);
            _budget.Add(_open.AllocatedBytes);
            _slabs = [.. _slabs, _open];
            slab = null;
        }

        _retainedBytes += message.Length + OverheadPerMessage;
        Volatile.Write(ref _tail, _tail + 1);
        return slab is null;
    }

    private int ChooseSlabSize(int length)
    {
        if (length > _largestSlab / 4)
        {
            // A slab of its own. The next one begins small again: large messages that alternate with small ones
            // would otherwise leave a large slab almost empty each time.
            _nextSlabSize = Slab.SmallestSize;
            return length;
        }

        var size = _nextSlabSize;
        while (size < length * 4)
        {
            size *= 2;
        }

        size = Math.Min(size, _largestSlab);
        _nextSlabSize = Math.Min(size * 2, _largestSlab);
        return size;
    }
}
