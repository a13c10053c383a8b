using EventBroker.Sdk.Transports;
using StackExchange.Redis;

namespace EventBroker.Transport.Redis.Backend;

/// <summary>The keys of one event.</summary>
internal sealed class EventKeys(string stream, int database)
{
    /// <summary>Gets the stream with the messages.</summary>
    public RedisKey Stream { get; } = stream;

    /// <summary>Gets the hash with the registration and the options.</summary>
    public RedisKey Meta { get; } = stream + ":meta";

    /// <summary>Gets what is left of an event that was unregistered, so that a host that missed it does not make the event again.</summary>
    public RedisKey Tombstone { get; } = stream + ":gone";

    /// <summary>Gets the set of the places.</summary>
    public RedisKey Places { get; } = stream + ":places";

    /// <summary>Gets the pub/sub channel that wakes the hosts. Channels know no databases, so its name says which.</summary>
    public string Channel { get; } = $"{stream}:wake:{database}";

    public RedisKey PlaceHash(string group) => $"{stream}:place:{group}";

    public RedisKey Due(string group) => $"{stream}:due:{group}";

    /// <summary>Gets the consumer group of a place.</summary>
    public static string Group(PlaceKind kind, string name) => (kind == PlaceKind.WorkerGroup ? "g:" : "c:") + name;

    /// <summary>Tells whose place a consumer group is.</summary>
    /// <returns>False if it was made by another program.</returns>
    public static bool TryParseGroup(string group, out PlaceKind kind, out string name)
    {
        kind = group.StartsWith("c:", StringComparison.Ordinal) ? PlaceKind.ConsumerId : PlaceKind.WorkerGroup;
        name = group.Length >= 2 ? group[2..] : "";
        return kind == PlaceKind.ConsumerId || group.StartsWith("g:", StringComparison.Ordinal);
    }
}
