using System.Collections.Concurrent;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Local;
using EventBroker.Transport.Log.Places;
using EventBroker.Transport.Log.Storage;
using EventBroker.Transport.Log.Writing;

namespace EventBroker.Transport.Log;

/// <summary>The events of a log. Changed by the writer only, read by everybody.</summary>
internal sealed class LogEvents(LocalState state, LogSettings settings)
{
    private readonly ConcurrentDictionary<string, LogEvent> _events = new(StringComparer.Ordinal);

    // Those of the open transaction included. Belongs to the writer.
    private readonly Dictionary<string, LogEvent> _written = new(StringComparer.Ordinal);

    /// <summary>Gets the events as the writer has them. Belongs to the writer.</summary>
    public List<EventRecord> Records { get; } = [];

    public IdBudget Ids { get; } = new(settings.MaxRememberedIds);

    public CacheBudget Cache { get; } = new(settings.CacheBytes.Bytes);

    /// <summary>Gets or sets what everything needs that reads or writes; set once, before the first event.</summary>
    public LogFiles Files { get; set; } = null!;

    public IEnumerable<LogEvent> All => _events.Values;

    public IReadOnlyCollection<string> Names => [.. _events.Keys];

    public LogEvent? Find(string name) => _events.GetValueOrDefault(name);

    /// <summary>Makes an event that nobody sees yet.</summary>
    public LogEvent Make(long id, string name, ulong epoch, EventOptions asked, ulong next, ulong oldest, long bytes)
    {
        var options = new EventOptions
        {
            Retention = asked.Retention ?? settings.Retention,
            MaxBytes = asked.MaxBytes ?? settings.MaxBytesPerEvent.Bytes,
            MaxMessages = asked.MaxMessages ?? settings.MaxMessagesPerEvent,
            MaxMessageBytes = asked.MaxMessageBytes,
            DeduplicationWindow = asked.DeduplicationWindow ?? settings.DeduplicationWindow,
        };
        var record = new EventRecord
        {
            Id = id,
            Name = name,
            Options = options,
            CommittedNext = next,
            Oldest = oldest,
            Bytes = bytes,
            Ids = new RememberedIds(options.DeduplicationWindow.Value, Ids),
            Front = new StoredFront(),
        };
        var log = new DiskLog(id, epoch, oldest, next, bytes, options.Retention.Value, Files.Reader, Cache, Files.Clock, state.Metrics);
        return record.Event = new LogEvent(record, log, state, new LogPlaceStore(record, log, Files));
    }

    public void ThrowIfNotFree(string name)
    {
        if (_written.TryGetValue(name, out var known) && !known.Record.IsRemoved)
        {
            throw BrokerErrors.EventAlreadyRegistered();
        }

        if (Records.Count(static r => !r.IsRemoved) is var count && count >= settings.MaxEvents)
        {
            throw new BrokerException(
                BrokerErrorCode.ResourceExhausted, $"transport '{state.Name}' holds {count} events already, the most that it allows");
        }
    }

    /// <summary>Takes an event's name within the open transaction.</summary>
    public void Reserve(LogEvent made)
    {
        _written[made.Record.Name] = made;
        Records.Add(made.Record);
    }

    /// <summary>Gives the name back: the transaction failed.</summary>
    public void Release(LogEvent made)
    {
        Records.Remove(made.Record);
        if (_written.GetValueOrDefault(made.Record.Name) == made)
        {
            _written.Remove(made.Record.Name);
        }
    }

    public void Add(LogEvent made) => _events[made.Record.Name] = made;

    /// <summary>Ends an event that is removed.</summary>
    public void Remove(LogEvent removed)
    {
        Release(removed);
        _events.TryRemove(KeyValuePair.Create(removed.Record.Name, removed));
        removed.Record.Ids.Clear();
        removed.End(static () => BrokerErrors.SubscriptionEnded("the event was unregistered"), BrokerErrors.EventNotRegistered);
    }
}
