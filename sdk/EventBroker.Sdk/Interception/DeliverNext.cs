namespace EventBroker.Sdk.Interception;

/// <summary>The rest of a delivery.</summary>
/// <param name="context">The message and its subscriber.</param>
/// <returns>A task that ends when the message is queued for the connection.</returns>
public delegate ValueTask DeliverNext(DeliverContext context);
