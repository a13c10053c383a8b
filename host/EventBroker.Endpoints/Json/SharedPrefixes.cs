using System.Collections.Concurrent;

namespace EventBroker.Endpoints.Json;

// The events that have SSE or WebSocket subscribers, each with its recently encoded messages.
internal sealed class SharedPrefixes
{
    private readonly ConcurrentDictionary<string, EventPrefixes> _events = new(StringComparer.Ordinal);

    // To be left by EventPrefixes.Leave.
    public EventPrefixes Enter(string eventName)
    {
        while (true)
        {
            var prefixes = _events.GetOrAdd(eventName, static (name, owner) => new EventPrefixes(name, owner._events), this);
            if (prefixes.TryEnter())
            {
                return prefixes;
            }
        }
    }
}
