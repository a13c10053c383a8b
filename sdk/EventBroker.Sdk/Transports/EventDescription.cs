namespace EventBroker.Sdk.Transports;

/// <summary>What an event is and holds, as far as its transport can tell: null where it can't.</summary>
public sealed class EventDescription
{
    /// <summary>Gets the options in force, those that the transport's settings decide included.</summary>
    public EventOptions Options { get; init; } = EventOptions.None;

    /// <summary>Gets how many messages are retained.</summary>
    public long? Messages { get; init; }

    /// <summary>Gets how many bytes they have.</summary>
    public long? Bytes { get; init; }

    /// <summary>Gets the worker groups and consumer ids that have a place, in any order.</summary>
    public IReadOnlyList<GroupDescription> Groups { get; init; } = [];
}
