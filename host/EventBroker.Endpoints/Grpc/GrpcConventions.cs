using EventBroker.Endpoints.Http;
using EventBroker.Endpoints.Rest;
using EventBroker.Sdk.Errors;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Grpc.JsonTranscoding;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EventBroker.Endpoints.Grpc;

// Each method is bound twice: by our own marshallers, for gRPC, and by the generated binding, for transcoding.
internal static class GrpcConventions
{
    public const int First = -1;
    public const int Last = int.MaxValue;

    public static void Apply(RouteEndpointBuilder endpoint, IServiceProvider services)
    {
        var identities = services.GetRequiredService<Identities>();
        if (endpoint.Metadata.OfType<GrpcJsonTranscodingMetadata>().FirstOrDefault() is { } transcoding)
        {
            ServeHead(endpoint);
            var transcoded = Transcoded(TranscodedBody.Around(endpoint.RequestDelegate!, transcoding, services.GetRequiredService<Bodies>()));
            endpoint.RequestDelegate = services.GetRequiredService<HttpBoundary>().Around(
                IsForAll(transcoding.MethodDescriptor.Name) ? transcoded : identities.AroundHttp(transcoded, Protocols.Rest), Protocols.Rest);
        }
        else if (endpoint.Metadata.OfType<OwnBinding>().Any())
        {
            var metadata = endpoint.Metadata.OfType<GrpcMethodMetadata>().First();
            var method = metadata.Method;
            var guarded = InItsCase(services.GetRequiredService<FrameGuard>().Around(endpoint.RequestDelegate!, metadata));
            endpoint.Order = First;
            endpoint.RequestDelegate = IsForAll(method.Name) ? guarded : identities.AroundGrpc(guarded);
            if (method.Type != MethodType.Unary)
            {
                endpoint.Metadata.Add(new DisableRequestTimeoutAttribute());
            }
        }
        else
        {
            // Methods that there are not: any path of two parts, and so behind those that are known, whose preflight it would answer.
            endpoint.Order = Last;
            endpoint.RequestDelegate = Signed(endpoint.RequestDelegate!);
        }
    }

    public static RequestDelegate InItsCase(RequestDelegate next) => http =>
    {
        if (PathCase.IsExact(http))
        {
            return next(http);
        }

        GrpcStatus.Write(http, new BrokerException(BrokerErrorCode.Unimplemented, "no such method; names are case-sensitive"));
        return Task.CompletedTask;
    };

    private static RequestDelegate Signed(RequestDelegate next) => http =>
    {
        http.Response.Headers[ContractHeaders.Refusal] = Refusals.Plain;
        return next(http);
    };

    // Whatever can be got can be asked for without its body.
    private static void ServeHead(RouteEndpointBuilder endpoint)
    {
        for (var i = 0; i < endpoint.Metadata.Count; i++)
        {
            if (endpoint.Metadata[i] is IHttpMethodMetadata { HttpMethods: ["GET"] } get)
            {
                endpoint.Metadata[i] = new HttpMethodMetadata([HttpMethods.Get, HttpMethods.Head], get.AcceptCorsPreflight);
            }
        }
    }

    // What needs no authorization.
    private static bool IsForAll(string method) => method == nameof(EventGrpcService.Health);

    // The gateway that clients know writes the bare type.
    private static RequestDelegate Transcoded(RequestDelegate next) => http =>
    {
        http.Response.OnStarting(
            static state =>
            {
                var response = ((HttpContext)state).Response;
                if (response.ContentType is { } type && type.StartsWith("application/json", StringComparison.OrdinalIgnoreCase))
                {
                    response.ContentType = "application/json";
                }

                return Task.CompletedTask;
            },
            http);
        return next(http);
    };
}
