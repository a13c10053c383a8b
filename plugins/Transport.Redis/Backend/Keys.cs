using StackExchange.Redis;

namespace EventBroker.Transport.Redis.Backend;

/// <summary>How everything is called in Redis. What belongs to one event carries its name in braces, so that a cluster keeps it in one slot.</summary>
internal sealed class Keys(string prefix, int database)
{
    /// <summary>Gets the set of the names of all events.</summary>
    public RedisKey Index { get; } = prefix + ":events";

    public EventKeys For(string eventName) => new($"{prefix}:{{{eventName}}}", database);
}
