using EventBroker.Broker;
using EventBroker.Endpoints.Grpc;
using EventBroker.Endpoints.Hosting;
using EventBroker.Endpoints.Http;
using EventBroker.Endpoints.Rest;
using EventBroker.Endpoints.Sse;
using EventBroker.Endpoints.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EventBroker.Endpoints;

/// <summary>Maps a broker's endpoints.</summary>
public static class EventBrokerEndpointRouteBuilderExtensions
{
    // An application's request timeout is meant for requests; a stream has no time to be done in.
    private static readonly DisableRequestTimeoutAttribute Endless = new();

    /// <summary>Maps everything that the broker serves: the gRPC services <c>event.v1.EventService</c>, <c>eventbroker.v1.BrokerService</c>,
    /// <c>grpc.health.v1.Health</c> and reflection; REST, WebSocket and SSE under <c>/v1</c>; <c>/healthz</c> and <c>/readyz</c>.</summary>
    /// <param name="endpoints">The application's endpoints. No middleware is needed beside routing.</param>
    /// <returns>A builder for conventions on the event endpoints: not on health, readiness and reflection.</returns>
    public static IEndpointConventionBuilder MapEventBroker(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var services = endpoints.ServiceProvider;
        if (services.GetService<MessageBroker>() is null)
        {
            throw new InvalidOperationException("There is no broker: call AddEventBroker on the services first.");
        }

        // An application that caches whatever it answers must not answer with yesterday's stream or health.
        var group = endpoints.MapGroup("");
        group.WithMetadata(new OutputCacheAttribute { NoStore = true });
        endpoints = group;

        var readiness = services.GetRequiredService<Readiness>();
        var boundary = services.GetRequiredService<HttpBoundary>();
        var all = new ConventionGroup();
        MapGrpc(endpoints, all);
        MapHttp(endpoints, boundary, all);
        MapReflection(endpoints);
        var guard = services.GetRequiredService<FrameGuard>();
        endpoints.MapGrpcHealthChecksService().Add(endpoint => endpoint.RequestDelegate = GrpcConventions.InItsCase(guard.AroundHealth(endpoint.RequestDelegate!)));
        string[] getAndHead = [HttpMethods.Get, HttpMethods.Head];
        endpoints.MapMethods("/healthz", getAndHead, static () => "ok").Add(PathCase.Require);
        endpoints.MapMethods("/readyz", getAndHead, () => readiness.IsReady
            ? Results.Text("ready")
            : Results.Text("draining", statusCode: StatusCodes.Status503ServiceUnavailable)).Add(PathCase.Require);
        return all;
    }

    private static void MapReflection(IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        if (services.GetRequiredService<IOptions<EventBrokerOptions>>().Value.Reflection)
        {
            var identities = services.GetRequiredService<Identities>();
            endpoints.MapGrpcReflectionService().Add(endpoint => endpoint.RequestDelegate = GrpcConventions.InItsCase(identities.AroundOperators(endpoint.RequestDelegate!)));
        }
    }

    private static void MapGrpc(IEndpointRouteBuilder endpoints, ConventionGroup all)
    {
        foreach (var builder in new[] { endpoints.MapGrpcService<EventGrpcService>(), endpoints.MapGrpcService<BrokerGrpcService>() })
        {
            all.Add(builder);
            builder.Add(endpoint => GrpcConventions.Apply((RouteEndpointBuilder)endpoint, endpoints.ServiceProvider));
        }
    }

    private static void MapHttp(IEndpointRouteBuilder endpoints, HttpBoundary boundary, ConventionGroup all)
    {
        var services = endpoints.ServiceProvider;
        var rest = services.GetRequiredService<RestEndpoints>();
        var unknown = services.GetRequiredService<UnknownPaths>();
        var identities = services.GetRequiredService<Identities>();

        // Before the transcoded methods of the same paths.
        var first = new Action<EndpointBuilder>(static endpoint => ((RouteEndpointBuilder)endpoint).Order = GrpcConventions.First);
        all.Add(endpoints.MapPost("/v1/events/{event}/messages", boundary.Around(identities.AroundHttp(rest.PublishAsync, Protocols.Rest), Protocols.Rest))).Add(first);
        all.Add(endpoints.MapPost("/v1/ack", boundary.Around(identities.AroundHttp(rest.AckAsync, Protocols.Rest), Protocols.Rest))).Add(first);
        all.Add(endpoints.MapGet("/v1/events/{name}/stream", boundary.Around(services.GetRequiredService<SseEndpoint>().HandleAsync, Protocols.Sse))
            .WithMetadata(Endless));

        // Map and not MapGet: over HTTP/2 a WebSocket begins with CONNECT.
        var upgrade = endpoints.CreateApplicationBuilder();
        upgrade.Use(PingedUpgrade.Use);
        upgrade.UseWebSockets(new WebSocketOptions { KeepAliveInterval = Timeout.InfiniteTimeSpan });
        upgrade.Run(services.GetRequiredService<WebSocketEndpoint>().HandleAsync);
        all.Add(endpoints.Map("/v1/events/{name}/subscribe", boundary.Around(upgrade.Build(), Protocols.WebSocket)).WithMetadata(Endless));
        all.Add(endpoints.Map("/v1/{**path}", boundary.Around(unknown.HandleAsync, Protocols.Rest)).WithMetadata(unknown)).Add(
            static endpoint => ((RouteEndpointBuilder)endpoint).Order = GrpcConventions.Last);
    }
}
