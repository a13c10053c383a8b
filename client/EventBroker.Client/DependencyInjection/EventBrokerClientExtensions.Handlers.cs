using System.Diagnostics.CodeAnalysis;
using EventBroker.Client.DependencyInjection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace EventBroker.Client;

// Handlers and what surrounds them.
public static partial class EventBrokerClientExtensions
{
    /// <summary>Adds a handler class. The application subscribes it when it starts, keeps it subscribed through every outage of the
    /// broker, and lets it finish when it stops.</summary>
    /// <typeparam name="THandler">The class; scoped, so that there is one per message, unless it is registered already.</typeparam>
    /// <typeparam name="TEvent">What the event's messages say; a class may handle several.</typeparam>
    /// <param name="builder">The client.</param>
    /// <param name="eventName">The event.</param>
    /// <param name="configure">Sets the handler's options, after those of the program's configuration; faults stop the start of the application.</param>
    /// <returns>The client.</returns>
    /// <remarks>Options come from configuration with <c>services.Configure&lt;HandlerOptions&gt;("order.created", section)</c>: their name is the
    /// event's, behind that of a named client and a colon (<c>billing:order.created</c>). The retries of <see cref="HandlerOptions.Retry"/> happen within the message's scope: they meet the same scoped services,
    /// a database context with its unsaved changes among them.</remarks>
    public static IEventBrokerClientBuilder AddHandler<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler,
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TEvent>(
        this IEventBrokerClientBuilder builder, string eventName, Action<HandlerOptions>? configure = null)
        where THandler : class, IEventHandler<TEvent>
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(eventName);
        builder.Services.TryAddScoped<THandler>();
        builder.Services.AddSingleton(new HandlerRegistration(builder.Name, eventName, Bind, configure));
        return builder;

        OpenHandler Bind(EventBus bus)
        {
            var typed = bus.Event<TEvent>(eventName);
            return (options, cancellationToken) => typed.SubscribeAsync(
                static (value, context) => context.Services!.GetRequiredService<THandler>().HandleAsync(value, context), options, cancellationToken);
        }
    }

    /// <summary>Adds middleware around every handler of the bus, inside of what was added before.</summary>
    /// <typeparam name="TMiddleware">The class; scoped, so that there is one per message, unless it is registered already.</typeparam>
    /// <param name="builder">The client.</param>
    /// <returns>The client.</returns>
    public static IEventBrokerClientBuilder Use<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TMiddleware>(
        this IEventBrokerClientBuilder builder)
        where TMiddleware : class, IEventMiddleware
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddScoped<TMiddleware>();
        return builder.ConfigureBus(static options => options.Middleware.Add(new ServiceMiddleware<TMiddleware>()));
    }

    /// <summary>Sets what applies to all events: JSON, codecs, middleware.</summary>
    /// <param name="builder">The client.</param>
    /// <param name="configure">Sets the options; after those that were set before.</param>
    /// <returns>The client.</returns>
    public static IEventBrokerClientBuilder ConfigureBus(this IEventBrokerClientBuilder builder, Action<EventBusOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.Configure(builder.Name, configure);
        return builder;
    }

    /// <summary>Sets how the application starts its handlers and what a refusal does.</summary>
    /// <param name="builder">The client.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The client.</returns>
    public static IEventBrokerClientBuilder ConfigureHost(this IEventBrokerClientBuilder builder, Action<HandlerHostOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.Configure(builder.Name, configure);
        return builder;
    }
}
