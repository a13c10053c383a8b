using System.Diagnostics.Metrics;
using EventBroker.Client.DependencyInjection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EventBroker.Client;

/// <summary>Registers the client.</summary>
public static class EventBrokerClientServiceCollectionExtensions
{
    /// <summary>Registers a <see cref="RemoteTransport"/> and an <see cref="EventBus"/> as singletons, and a hosted service for the
    /// handlers that are added to what this returns. They log to the program's <see cref="ILoggerFactory"/> and use its
    /// <see cref="TimeProvider"/> and <see cref="IMeterFactory"/> where these are registered. Calling it again adds nothing new.</summary>
    /// <param name="services">The services of the program.</param>
    /// <param name="configure">Sets the options. They are checked when the application starts, all faults named.</param>
    /// <returns>What handlers are added to.</returns>
    public static IEventBrokerClientBuilder AddEventBrokerClient(
        this IServiceCollection services, Action<RemoteTransportOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        services.Configure(configure);
        return services.AddEventBrokerClient();
    }

    /// <summary>The same for a program that sets the options elsewhere, such as with
    /// <c>services.Configure&lt;RemoteTransportOptions&gt;(configuration.GetSection("EventBroker"))</c>.</summary>
    /// <param name="services">The services of the program.</param>
    /// <returns>What handlers are added to.</returns>
    public static IEventBrokerClientBuilder AddEventBrokerClient(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<RemoteTransportOptions>().ValidateOnStart();
        services.AddOptions<HandlerHostOptions>().ValidateOnStart();
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<RemoteTransportOptions>, RemoteTransportOptionsValidator>());
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<HandlerHostOptions>, HandlerHostOptionsValidator>());
        services.TryAddSingleton(static provider => new RemoteTransport(
            provider.GetRequiredService<IOptions<RemoteTransportOptions>>().Value,
            provider.GetService<ILoggerFactory>(),
            provider.GetService<TimeProvider>(),
            provider.GetService<IMeterFactory>()));
        services.TryAddSingleton(static provider => new EventBus(
            provider.GetRequiredService<RemoteTransport>(),
            provider.GetRequiredService<IOptions<EventBusOptions>>().Value,
            provider.GetRequiredService<IServiceScopeFactory>()));
        services.AddHostedService<HandlerHost>();
        return new EventBrokerClientBuilder(services);
    }
}
