namespace EventBroker.Sdk.Interception;

/// <summary>The rest of the way of several messages to the transport.</summary>
/// <param name="context">The messages and their publisher.</param>
/// <returns>A task that ends when each is decided; <see cref="PublishBatchItem.Failure"/> tells how.</returns>
public delegate ValueTask PublishBatchNext(PublishBatchContext context);
