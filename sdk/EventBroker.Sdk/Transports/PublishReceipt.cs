using EventBroker.Sdk.Messages;

namespace EventBroker.Sdk.Transports;

/// <summary>The transport's answer to a publish.</summary>
public readonly struct PublishReceipt
{
    /// <summary>Gets where the message stands; <c>default</c> where the backend does not say.</summary>
    public Position Position { get; init; }

    /// <summary>Gets whether a message with this id was there already and this one was dropped.</summary>
    public bool IsDuplicate { get; init; }
}
