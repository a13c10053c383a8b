using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Messages;

namespace EventBroker.Sdk.Interception;

/// <summary>A message on its way to the transport. Made by the broker; what is handed to <c>next</c> is this same object.</summary>
public class PublishContext
{
    /// <summary>Gets who publishes.</summary>
    public required Caller Caller { get; init; }

    /// <summary>Gets the event.</summary>
    public required string EventName { get; init; }

    /// <summary>Gets the name of the transport that carries the event, as in <c>plugins.json</c>.</summary>
    public required string Transport { get; init; }

    /// <summary>Gets or sets the message. A replacement keeps the id.</summary>
    public required EncodedMessage Message { get; set; }

    /// <summary>Gets the call's end.</summary>
    public CancellationToken CancellationToken { get; init; }
}
