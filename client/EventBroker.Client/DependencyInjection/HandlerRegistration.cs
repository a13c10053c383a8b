using Microsoft.Extensions.Options;

namespace EventBroker.Client.DependencyInjection;

/// <summary>A handler class that the program has added.</summary>
internal sealed class HandlerRegistration(
    string clientName,
    string eventName,
    Action<HandlerOptions>? configure,
    Func<EventBus, HandlerOptions, CancellationToken, Task<EventSubscription>> open)
{
    public string ClientName => clientName;

    public string EventName => eventName;

    // Those of the program's configuration first.
    public HandlerOptions CreateOptions(IOptionsFactory<HandlerOptions> factory)
    {
        var options = factory.Create(clientName.Length == 0 ? eventName : $"{clientName}:{eventName}");
        configure?.Invoke(options);
        return options;
    }

    public Task<EventSubscription> OpenAsync(EventBus bus, HandlerOptions options, CancellationToken cancellationToken) =>
        open(bus, options, cancellationToken);
}
