using EventBroker.Broker;
using EventBroker.Endpoints.Grpc;
using EventBroker.Endpoints.Hosting;
using EventBroker.Endpoints.Http;
using EventBroker.Endpoints.Json;
using EventBroker.Endpoints.Rest;
using EventBroker.Endpoints.Sse;
using EventBroker.Endpoints.Streaming;
using EventBroker.Endpoints.WebSockets;
using Grpc.AspNetCore.Server;
using Grpc.AspNetCore.Server.Model;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EventBroker.Endpoints;

/// <summary>Adds a broker to an application.</summary>
public static class EventBrokerServiceCollectionExtensions
{
    /// <summary>Adds the services of a broker with its endpoints: gRPC, REST, WebSocket and SSE. What the application has registered
    /// before, such as a <see cref="TimeProvider"/> or a <see cref="MessageBroker"/> of its own, stays.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Sets the options; <see cref="EventBrokerOptions.Setup"/> is required.</param>
    /// <returns>A builder.</returns>
    public static IEventBrokerBuilder AddEventBroker(this IServiceCollection services, Action<EventBrokerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<EventBrokerOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<EventBrokerOptions>, EventBrokerOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(static provider => new MessageBroker(
            provider.GetRequiredService<IOptions<EventBrokerOptions>>().Value.Setup!(provider),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILoggerFactory>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, DrainService>());
        AddEndpoints(services);
        AddGrpc(services);
        return new EventBrokerBuilder(services);
    }

    private static void AddEndpoints(IServiceCollection services)
    {
        services.AddRouting();
        services.TryAddSingleton<Readiness>();
        services.TryAddSingleton<SharedPrefixes>();
        services.TryAddSingleton<Pulse>();
        services.TryAddSingleton<Origins>();
        services.TryAddSingleton<HttpBoundary>();
        services.TryAddSingleton<Bodies>();
        services.TryAddSingleton<Identities>();
        services.TryAddSingleton<UnknownPaths>();
        services.TryAddSingleton<RestEndpoints>();
        services.TryAddSingleton<SseEndpoint>();
        services.TryAddSingleton<WebSocketEndpoint>();
    }

    private static void AddGrpc(IServiceCollection services)
    {
        services.AddGrpc().AddJsonTranscoding(static options => options.JsonSettings.WriteInt64sAsStrings = true);
        services.AddGrpcReflection();
        services.AddGrpcHealthChecks().AddCheck<BrokerHealthCheck>("event-broker");
        services.TryAddSingleton<ContractHeaders>();
        services.TryAddSingleton<FrameGuard>();
        services.TryAddSingleton<EventGrpcService>();
        services.TryAddSingleton<BrokerGrpcService>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IServiceMethodProvider<EventGrpcService>, EventMethods>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IServiceMethodProvider<BrokerGrpcService>, BrokerMethods>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<GrpcServiceOptions<EventGrpcService>>, GrpcLimits>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<GrpcServiceOptions<BrokerGrpcService>>, GrpcLimits>());
    }
}
