using System.Text.Json;
using System.Text.Json.Serialization;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.JetStream.Places;

/// <summary>What a durable consumer's description says of its place: the servers know no other field for it.</summary>
internal sealed class PlaceNote
{
    /// <summary>Gets the worker group or consumer id as it was given.</summary>
    [JsonPropertyName("name")]
    public string Name { get; init; } = "";

    /// <summary>Gets the worker group's max age in ticks; null for any age.</summary>
    [JsonPropertyName("max_age")]
    public long? MaxAgeTicks { get; init; }

    [JsonPropertyName("latest_only")]
    public bool LatestOnly { get; init; }

    public static PlaceNote Of(PlaceKind kind, string name, SubscribeOptions? options) => new()
    {
        Name = name,
        MaxAgeTicks = kind == PlaceKind.WorkerGroup ? options?.MaxAge?.Ticks : null,
        LatestOnly = kind == PlaceKind.WorkerGroup && options?.LatestOnly == true,
    };

    /// <summary>Reads a description.</summary>
    /// <returns>Null if it is not one of this broker's.</returns>
    public static PlaceNote? Parse(string? description)
    {
        if (description is null || !description.StartsWith('{'))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(description, PlaceNoteJson.Default.PlaceNote);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public override string ToString() => JsonSerializer.Serialize(this, PlaceNoteJson.Default.PlaceNote);

    /// <summary>Refuses a member of a worker group that asks for something else than the first one did.</summary>
    public void Check(SubscribeOptions options, string transport)
    {
        const string Why = "the worker group has another one, fixed by its first member";
        if (options.MaxAge?.Ticks != MaxAgeTicks)
        {
            throw BrokerErrors.OptionNotSupported(transport, "max_age", Why);
        }

        if (options.LatestOnly != LatestOnly)
        {
            throw BrokerErrors.OptionNotSupported(transport, "latest_only", Why);
        }
    }
}
