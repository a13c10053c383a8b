namespace EventBroker.Client;

/// <summary>The rest of the way to the handler, and the handler.</summary>
/// <param name="context">The context that the middleware was given.</param>
/// <returns>A task that ends with the handler: with its exception where it has thrown one.</returns>
public delegate Task EventHandlerDelegate(EventContext context);
