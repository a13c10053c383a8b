using System.Diagnostics.CodeAnalysis;

namespace EventBroker.Client.DependencyInjection;

internal sealed class HandlerBinding<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TEvent>
    : HandlerBinding
{
    internal override OpenHandler Bind(EventBus bus, string eventName, Func<IServiceProvider, object> resolve)
    {
        var typed = bus.Event<TEvent>(eventName);
        return (options, cancellationToken) => typed.SubscribeAsync(
            (value, context) => ((IEventHandler<TEvent>)resolve(context.Services!)).HandleAsync(value, context),
            options,
            cancellationToken);
    }
}
