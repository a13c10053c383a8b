namespace EventBroker.Client;

/// <summary>Knows the type of a handler's values, so that the handler can be found without reflection.</summary>
public abstract class HandlerBinding
{
    private protected HandlerBinding()
    {
    }

    /// <summary>Makes what subscribes the handler.</summary>
    internal abstract OpenHandler Bind(EventBus bus, string eventName, Func<IServiceProvider, object> resolve);
}
