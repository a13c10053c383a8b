using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Local;
using EventBroker.Transport.Local.Events;
using EventBroker.Transport.Memory.Storage;

namespace EventBroker.Transport.Memory;

/// <summary>A registered event whose log is memory.</summary>
internal sealed class EventEntry : LocalEvent
{
    public EventEntry(EventLimits limits, StorageBudget budget, LocalState state)
        : this(new EventLog(limits, state.Clock, budget, state.Metrics), limits, state)
    {
    }

    private EventEntry(EventLog log, EventLimits limits, LocalState state)
        : base(log, limits.ToOptions(), state, store: null) => Log = log;

    public new EventLog Log { get; }

    /// <summary>Appends a message and wakes whoever waits for it.</summary>
    /// <param name="message">The message.</param>
    /// <param name="openedSlab">Whether a new slab was opened, so that the total may be exceeded.</param>
    /// <returns>Where it stands.</returns>
    public Position Append(in TransportMessage message, out bool openedSlab)
    {
        if (Check(message) is { } failure)
        {
            throw failure;
        }

        if (!Log.TryAppend(message.Message, out var position, out openedSlab))
        {
            throw Gone();
        }

        SignalReaders();
        return position;
    }

    /// <summary>Appends the messages of a batch and wakes whoever waits for them.</summary>
    /// <param name="batch">The messages.</param>
    /// <param name="openedSlab">Whether a new slab was opened, so that the total may be exceeded.</param>
    public void Append(PublishBatch batch, out bool openedSlab)
    {
        for (var i = 0; i < batch.Count; i++)
        {
            if (Check(batch[i]) is { } failure)
            {
                batch.Fail(i, failure);
            }
        }

        if (!Log.TryAppend(batch, out openedSlab))
        {
            throw Gone();
        }

        SignalReaders();
    }
}
