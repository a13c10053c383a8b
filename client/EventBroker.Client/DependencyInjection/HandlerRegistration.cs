using Microsoft.Extensions.Options;

namespace EventBroker.Client.DependencyInjection;

/// <summary>A handler class that the program has added.</summary>
internal sealed class HandlerRegistration(
    string clientName, string eventName, Func<EventBus, OpenHandler> bind, Action<HandlerOptions>? configure)
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

    public OpenHandler Bind(EventBus bus) => bind(bus);
}
