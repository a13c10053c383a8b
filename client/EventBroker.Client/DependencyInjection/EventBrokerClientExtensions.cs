using System.Diagnostics.Metrics;
using EventBroker.Client.DependencyInjection;
using EventBroker.Client.Options;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EventBroker.Client;

/// <summary>Registers clients and their health checks.</summary>
public static class EventBrokerClientExtensions
{
    // That of options without a name.
    private const string DefaultName = "";

    /// <summary>Registers a <see cref="RemoteTransport"/> and an <see cref="EventBus"/> as singletons, and a hosted service for the
    /// handlers that are added to what this returns. They log to the program's <see cref="ILoggerFactory"/> and use its
    /// <see cref="TimeProvider"/> and <see cref="IMeterFactory"/> where these are registered. Calling it again adds nothing new.</summary>
    /// <param name="services">The services of the program.</param>
    /// <param name="configure">Sets the options. They are checked when the application starts, all faults named.</param>
    /// <returns>What handlers are added to.</returns>
    public static EventBrokerClientBuilder AddEventBrokerClient(
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
    public static EventBrokerClientBuilder AddEventBrokerClient(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(static provider => CreateTransport(provider, DefaultName));
        services.TryAddSingleton(static provider => CreateBus(provider, DefaultName, provider.GetRequiredService<RemoteTransport>()));
        return AddClient(services, DefaultName);
    }

    /// <summary>Registers a client beside others, for a program that talks to several brokers: <see cref="RemoteTransport"/> and
    /// <see cref="EventBus"/> are keyed services with its name as the key, and its options have that name.</summary>
    /// <param name="services">The services of the program.</param>
    /// <param name="name">The client's name; not empty.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>What its handlers are added to.</returns>
    public static EventBrokerClientBuilder AddEventBrokerClient(
        this IServiceCollection services, string name, Action<RemoteTransportOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        services.Configure(name, configure);
        return services.AddEventBrokerClient(name);
    }

    /// <summary>The same for a program that sets the options elsewhere, with
    /// <c>services.Configure&lt;RemoteTransportOptions&gt;(name, …)</c>.</summary>
    /// <param name="services">The services of the program.</param>
    /// <param name="name">The client's name; not empty.</param>
    /// <returns>What its handlers are added to.</returns>
    public static EventBrokerClientBuilder AddEventBrokerClient(this IServiceCollection services, string name)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(name);
        services.TryAddKeyedSingleton(name, static (provider, key) => CreateTransport(provider, (string)key!));
        services.TryAddKeyedSingleton(name, static (provider, key) =>
            CreateBus(provider, (string)key!, provider.GetRequiredKeyedService<RemoteTransport>(key)));
        return AddClient(services, name);
    }

    /// <summary>Adds a check of the subscriptions and handlers over the registered <see cref="RemoteTransport"/>: degraded while one is being
    /// opened again, <paramref name="failureStatus"/> once one has ended that its owner has not disposed of. It asks the broker nothing.</summary>
    /// <param name="builder">The health checks of the program.</param>
    /// <param name="name">The check's name.</param>
    /// <param name="failureStatus">What to report where a subscription has ended; null: unhealthy.</param>
    /// <param name="tags">Tags to select the check by; null: none.</param>
    /// <param name="clientName">The name of the client; null: the one without a name.</param>
    /// <returns>The health checks.</returns>
    public static IHealthChecksBuilder AddEventBrokerClient(
        this IHealthChecksBuilder builder,
        string name = "eventbroker",
        HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null,
        string? clientName = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(
            name,
            services => new EventBrokerHealthCheck(
                clientName is null ? services.GetRequiredService<RemoteTransport>() : services.GetRequiredKeyedService<RemoteTransport>(clientName)),
            failureStatus,
            tags));
    }

    private static EventBrokerClientBuilder AddClient(IServiceCollection services, string name)
    {
        services.AddOptions<RemoteTransportOptions>(name).ValidateOnStart();
        services.AddOptions<HandlerHostOptions>(name).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RemoteTransportOptions>>(
            new OptionsValidator<RemoteTransportOptions>(RemoteTransportOptionsRules.FindFaults)));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<HandlerHostOptions>>(
            new OptionsValidator<HandlerHostOptions>(HandlerHostOptionsRules.FindFaults)));
        if (!services.Any(service => service.ServiceType == typeof(HandlerHost) && Equals(service.ServiceKey, name)))
        {
            services.AddKeyedSingleton(name, static (provider, key) => new HandlerHost(
                (string)key!,
                provider.GetServices<HandlerRegistration>(),
                (string)key! == DefaultName ? provider.GetRequiredService<EventBus>() : provider.GetRequiredKeyedService<EventBus>(key),
                provider.GetRequiredService<IOptionsMonitor<HandlerHostOptions>>().Get((string)key!),
                provider.GetRequiredService<IOptionsFactory<HandlerOptions>>(),
                provider.GetRequiredService<IHostApplicationLifetime>()));
            services.AddSingleton<IHostedService>(provider => provider.GetRequiredKeyedService<HandlerHost>(name));
        }

        return new EventBrokerClientBuilder(services, name);
    }

    private static RemoteTransport CreateTransport(IServiceProvider provider, string name) => new(
        provider.GetRequiredService<IOptionsMonitor<RemoteTransportOptions>>().Get(name),
        provider.GetService<ILoggerFactory>(),
        provider.GetService<TimeProvider>(),
        provider.GetService<IMeterFactory>());

    private static EventBus CreateBus(IServiceProvider provider, string name, RemoteTransport transport) => new(
        transport,
        provider.GetRequiredService<IOptionsMonitor<EventBusOptions>>().Get(name),
        provider.GetRequiredService<IServiceScopeFactory>());
}
