using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Messages;

namespace EventBroker.Sdk.Interception;

/// <summary>A message that its subscriber settles. Made by the broker; what is handed to <c>next</c> is this same object.</summary>
public class SettleContext
{
    /// <summary>Gets who settles.</summary>
    public required Caller Caller { get; init; }

    /// <summary>Gets the event.</summary>
    public required string EventName { get; init; }

    /// <summary>Gets the message.</summary>
    public required EncodedMessage Message { get; init; }

    /// <summary>Gets how often the message was delivered before this delivery.</summary>
    public required int RetryCount { get; init; }

    /// <summary>Gets what becomes of the message.</summary>
    public required Settlement Settlement { get; init; }

    /// <summary>Gets the subscriber's error text of a nack; empty otherwise.</summary>
    public required string Error { get; init; }

    /// <summary>Gets the call's end.</summary>
    public CancellationToken CancellationToken { get; init; }
}
