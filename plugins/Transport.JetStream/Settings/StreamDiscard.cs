namespace EventBroker.Transport.JetStream.Settings;

/// <summary>What happens at a limit of bytes or messages.</summary>
public enum StreamDiscard
{
    /// <summary>The oldest messages go.</summary>
    Old,

    /// <summary>The new message is refused with RESOURCE_EXHAUSTED.</summary>
    New,
}
