using EventBroker.Sdk.Transports;
using EventBroker.Transport.Local.Places;
using EventBroker.Transport.Log.Storage;
using EventBroker.Transport.Log.Writing;
using EventBroker.Transport.Log.Writing.Operations;

namespace EventBroker.Transport.Log.Places;

/// <summary>Remembers an event's places in the file.</summary>
internal sealed class LogPlaceStore(EventRecord record, DiskLog log, LogFiles files) : IPlaceStore
{
    public IPlaceJournal Make(PlaceKind kind, string name, ulong begin, GroupOptions? options, out Task made)
    {
        var operation = new MakePlaceOperation(record, kind, name, begin, options);
        files.Writer.Enqueue(operation);
        made = operation.Task;
        return new LogPlaceJournal(operation, record, log, files);
    }
}
