using System.Diagnostics.CodeAnalysis;
using EventBroker.Client.DependencyInjection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace EventBroker.Client;

/// <summary>Adds to a client that was registered with
/// <see cref="EventBrokerClientExtensions.AddEventBrokerClient(IServiceCollection)"/>: handlers and what surrounds them.</summary>
public sealed class EventBrokerClientBuilder
{
    internal EventBrokerClientBuilder(IServiceCollection services, string name)
    {
        Services = services;
        Name = name;
    }

    /// <summary>Gets the services of the program.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Gets the client's name, which is also that of its options; empty for the one without a name.</summary>
    public string Name { get; }

    /// <summary>Adds a handler class. The application subscribes it when it starts, keeps it subscribed through every outage of the
    /// broker, and lets it finish when it stops.</summary>
    /// <typeparam name="THandler">The class; scoped, so that there is one per message, unless it is registered already.</typeparam>
    /// <typeparam name="TEvent">What the event's messages say; a class may handle several.</typeparam>
    /// <param name="eventName">The event.</param>
    /// <param name="configure">Sets the handler's options, after those of the program's configuration; faults stop the start of the application.</param>
    /// <returns>The client.</returns>
    /// <remarks>Options come from configuration with <c>services.Configure&lt;HandlerOptions&gt;("order.created", section)</c>: their name is the
    /// event's, behind that of a named client and a colon (<c>billing:order.created</c>). The retries of <see cref="HandlerOptions.Retry"/>
    /// happen within the message's scope: they meet the same scoped services, a database context with its unsaved changes among them.</remarks>
    public EventBrokerClientBuilder AddHandler<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler,
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TEvent>(
        string eventName, Action<HandlerOptions>? configure = null)
        where THandler : class, IEventHandler<TEvent>
    {
        ArgumentException.ThrowIfNullOrEmpty(eventName);
        Services.TryAddScoped<THandler>();
        Services.AddSingleton(new HandlerRegistration(Name, eventName, configure, (bus, options, cancellationToken) =>
            bus.Event<TEvent>(eventName).SubscribeAsync(
                static (value, context) => context.Services!.GetRequiredService<THandler>().HandleAsync(value, context), options, cancellationToken)));
        return this;
    }

    /// <summary>Adds middleware around every handler of the bus, inside of what was added before.</summary>
    /// <typeparam name="TMiddleware">The class; scoped, so that there is one per message, unless it is registered already.</typeparam>
    /// <returns>The client.</returns>
    public EventBrokerClientBuilder Use<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TMiddleware>()
        where TMiddleware : class, IEventMiddleware
    {
        Services.TryAddScoped<TMiddleware>();
        return ConfigureBus(static options =>
            options.Use(static (context, next) => context.Services!.GetRequiredService<TMiddleware>().InvokeAsync(context, next)));
    }

    /// <summary>Sets what applies to all events: JSON, codecs, middleware.</summary>
    /// <param name="configure">Sets the options; after those that were set before.</param>
    /// <returns>The client.</returns>
    public EventBrokerClientBuilder ConfigureBus(Action<EventBusOptions> configure)
    {
        Services.Configure(Name, configure);
        return this;
    }

    /// <summary>Sets how the application starts its handlers and what a refusal does.</summary>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The client.</returns>
    public EventBrokerClientBuilder ConfigureHost(Action<HandlerHostOptions> configure)
    {
        Services.Configure(Name, configure);
        return this;
    }
}
