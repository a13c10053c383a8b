using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Messages;

namespace EventBroker.Sdk.Interception;

/// <summary>A message on its way to one subscriber. Made by the broker; what is handed to <c>next</c> is this same object.</summary>
public class DeliverContext
{
    /// <summary>Gets who is subscribed.</summary>
    public required Caller Caller { get; init; }

    /// <summary>Gets the event.</summary>
    public required string EventName { get; init; }

    /// <summary>Gets the worker group; empty for the default group and for broadcast.</summary>
    public required string WorkerGroup { get; init; }

    /// <summary>Gets or sets the message; a replacement is seen by this subscriber only.</summary>
    public required EncodedMessage Message { get; set; }

    /// <summary>Gets how often the message was delivered before.</summary>
    public required int RetryCount { get; init; }

    /// <summary>Gets the subscription's end.</summary>
    public CancellationToken CancellationToken { get; init; }
}
