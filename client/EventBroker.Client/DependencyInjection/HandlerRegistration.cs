namespace EventBroker.Client.DependencyInjection;

/// <summary>A handler class that the program has added.</summary>
internal sealed class HandlerRegistration(
    string eventName, HandlerBinding binding, Func<IServiceProvider, object> resolve, Action<HandlerOptions>? configure)
{
    public string EventName => eventName;

    public HandlerOptions CreateOptions()
    {
        var options = new HandlerOptions();
        configure?.Invoke(options);
        return options;
    }

    public OpenHandler Bind(EventBus bus) => binding.Bind(bus, eventName, resolve);
}
