namespace EventBroker.Sdk.Interception;

/// <summary>The rest of a publish.</summary>
/// <param name="context">The message and its publisher.</param>
/// <returns>A task that ends when the transport has taken the message.</returns>
public delegate ValueTask PublishNext(PublishContext context);
