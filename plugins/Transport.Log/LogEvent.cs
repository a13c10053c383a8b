using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Local;
using EventBroker.Transport.Local.Events;
using EventBroker.Transport.Local.Places;
using EventBroker.Transport.Log.Storage;
using EventBroker.Transport.Log.Writing;

namespace EventBroker.Transport.Log;

/// <summary>A registered event whose log is on the disk.</summary>
internal sealed class LogEvent : LocalEvent
{
    public LogEvent(EventRecord record, DiskLog log, LocalState state, IPlaceStore store)
        : base(log, record.Options, state, store)
    {
        Record = record;
        Log = log;
    }

    public EventRecord Record { get; }

    public new DiskLog Log { get; }

    /// <summary>Refuses what the transport can't honour.</summary>
    /// <returns>Why not; null if it can.</returns>
    public BrokerException? Refuse(in TransportMessage message) => Check(message);

    /// <summary>Makes readable what the last commit has added, and unreadable what it has removed. Called by the writer only.</summary>
    public void Publish(long acceptedTicks)
    {
        var record = Record;
        record.Ids.Commit(acceptedTicks);
        Log.DropBefore(record.Oldest, record.LastRemovedTicks);
        var messages = record.TakeCommitted(out var bytes);
        record.Bytes += bytes;
        if (messages.Count == 0)
        {
            Log.SetBytes(record.Bytes);
            return;
        }

        Log.Append(messages, acceptedTicks, record.Bytes);
        var most = (ulong)Options.MaxMessages!.Value;
        if (record.CommittedNext - Log.Oldest > most)
        {
            // The rest of the batch that the limit falls into is still stored, and not to be seen any more.
            Log.DropBefore(record.CommittedNext - most, acceptedTicks);
        }

        SignalReaders();
    }

    /// <summary>Gets where a message stands.</summary>
    public Position PositionOf(ulong number) => new(Log.Epoch, number);
}
