namespace EventBroker.Client;

internal delegate Task<EventSubscription> OpenHandler(HandlerOptions options, CancellationToken cancellationToken);
