using System.Collections.Concurrent;
using EventBroker.Sdk.Errors;
using StackExchange.Redis;

namespace EventBroker.Transport.Redis.Events;

/// <summary>The events that this host has met. Redis knows which exist; this is a memory of what it said last.</summary>
internal sealed class EventTable(RedisState state)
{
    private readonly ConcurrentDictionary<string, EventEntry> _entries = new(StringComparer.Ordinal);
    private volatile bool _isClosed;

    public int SubscriptionCount => _entries.Values.Sum(static e => e.SubscriptionCount);

    public static Registration? ReadRegistration(RedisResult fields)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i + 1 < fields.Length; i += 2)
        {
            values[(string)fields[i]!] = (string)fields[i + 1]!;
        }

        return Registration.Read(values);
    }

    /// <summary>Gets an event that was met before.</summary>
    public EventEntry? TryGet(string name) => _entries.TryGetValue(name, out var entry) && !entry.HasEnded ? entry : null;

    /// <summary>Gets an event, asking Redis if it was not met before.</summary>
    /// <exception cref="BrokerException"><see cref="BrokerErrorCode.NotFound"/>: there is none.</exception>
    public async Task<EventEntry> FindAsync(string name)
    {
        if (TryGet(name) is { } known)
        {
            ThrowIfClosed();
            return known;
        }

        var fields = await state.Backend.CallAsync(d => d.HashGetAllAsync(state.Keys.For(name).Meta));
        var registration = Registration.Read(fields.ToDictionary(static f => f.Name.ToString(), static f => f.Value.ToString(), StringComparer.Ordinal))
            ?? throw BrokerErrors.EventNotRegistered();
        while (true)
        {
            var entry = _entries.GetOrAdd(name, static (n, made) => new EventEntry(n, made.registration, made.state), (registration, state));

            // Not before: what comes into the table afterwards is perhaps too late for whoever closes all.
            ThrowIfClosed();
            if (!entry.HasEnded)
            {
                return entry;
            }

            Remove(entry);
        }
    }

    /// <summary>Puts another registration in the place of what was known of an event, which ends.</summary>
    public void Replace(string name, EventEntry? entry)
    {
        _entries.TryGetValue(name, out var before);
        if (entry is null)
        {
            _entries.TryRemove(name, out _);
        }
        else
        {
            _entries[name] = entry;
        }

        before?.End(static () => BrokerErrors.SubscriptionEnded("the event was unregistered"));
    }

    public void Remove(EventEntry entry) => _entries.TryRemove(KeyValuePair.Create(entry.Name, entry));

    public void LookAgain()
    {
        foreach (var entry in _entries.Values)
        {
            entry.LookAgain();
        }
    }

    /// <summary>Ends all subscriptions, and gives back what they hold.</summary>
    public async Task CloseAsync()
    {
        _isClosed = true;
        foreach (var entry in _entries.Values)
        {
            await entry.CloseAsync();
        }

        _entries.Clear();
    }

    private void ThrowIfClosed()
    {
        if (_isClosed)
        {
            throw BrokerErrors.TransportClosed();
        }
    }
}
