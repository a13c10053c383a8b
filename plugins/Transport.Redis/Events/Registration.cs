using System.Globalization;
using System.Security.Cryptography;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Redis.Messages;
using EventBroker.Transport.Redis.Settings;
using StackExchange.Redis;

namespace EventBroker.Transport.Redis.Events;

/// <summary>What the hash of an event says: which registration it is, the generation of its stream, and the options that it was given.</summary>
internal sealed record Registration(string Id, string Generation, EventOptions Options)
{
    /// <summary>The options that this transport knows.</summary>
    public static readonly IReadOnlySet<EventOption> Known = new HashSet<EventOption>
    {
        EventOption.Retention, EventOption.MaxBytes, EventOption.MaxMessages, EventOption.MaxMessageBytes, EventOption.DeduplicationWindow,
    };

    /// <summary>Makes an id for a registration or a generation.</summary>
    public static string NewId() => RandomNumberGenerator.GetHexString(RedisCursor.GenerationLength, lowercase: true);

    /// <summary>Reads the fields of the hash.</summary>
    /// <returns>The registration; null if there is none.</returns>
    public static Registration? Read(IReadOnlyDictionary<string, string> fields)
    {
        if (!fields.TryGetValue("id", out var id))
        {
            return null;
        }

        return new Registration(id, fields.GetValueOrDefault("generation", ""), new EventOptions
        {
            Retention = Number("retention") is { } retention ? TimeSpan.FromMilliseconds(retention) : null,
            MaxBytes = Number("max_bytes"),
            MaxMessages = Number("max_messages"),
            MaxMessageBytes = (int?)Number("max_message_bytes"),
            DeduplicationWindow = Number("deduplication_window") is { } window ? TimeSpan.FromMilliseconds(window) : null,
        });

        long? Number(string name) => fields.TryGetValue(name, out var text) ? long.Parse(text, CultureInfo.InvariantCulture) : null;
    }

    /// <summary>Writes what scripts put into the hash: registration, generation, then fields and values.</summary>
    public RedisValue[] ToValues()
    {
        var values = new List<RedisValue> { Id, Generation };
        Add("retention", Options.Retention is { } retention ? RedisState.Milliseconds(retention) : null);
        Add("max_bytes", Options.MaxBytes);
        Add("max_messages", Options.MaxMessages);
        Add("max_message_bytes", Options.MaxMessageBytes);
        Add("deduplication_window", Options.DeduplicationWindow is { } window ? RedisState.Milliseconds(window) : null);
        return [.. values];

        void Add(string name, long? value)
        {
            if (value is { } number)
            {
                values.Add(name);
                values.Add(number);
            }
        }
    }

    /// <summary>Gets the options in force, those of the settings included.</summary>
    public EventOptions GetEffective(RedisSettings settings) => new()
    {
        Retention = Options.Retention ?? settings.Retention,
        MaxBytes = Options.MaxBytes ?? settings.MaxBytesPerEvent.Bytes,
        MaxMessages = Options.MaxMessages ?? settings.MaxMessagesPerEvent,
        MaxMessageBytes = Options.MaxMessageBytes,
        DeduplicationWindow = Options.DeduplicationWindow
            ?? (settings.DeduplicationWindow > TimeSpan.Zero ? settings.DeduplicationWindow : null),
    };
}
