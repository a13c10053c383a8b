using EventBroker.Endpoints.Http;
using EventBroker.Sdk.Errors;
using Grpc.Core;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EventBroker.Endpoints.Grpc;

// The boundary between the broker's failures and gRPC's statuses, for all methods alike.
internal static class GrpcCalls
{
    public static HttpCaller Caller(HttpContext http) =>
        HttpCaller.Of(http, IsTranscoded(http) ? Protocols.Rest : Protocols.Grpc);

    // For methods whose generated twin takes the value itself.
    public static T Value<T>(Decoded<T> request)
        where T : class
    {
        try
        {
            return request.Value;
        }
        catch (BrokerException fault)
        {
            throw Statuses.ToRpc(fault);
        }
    }

    public static RpcException Failed(Exception exception, HttpContext http, ServerCallContext call, ILogger logger)
    {
        if (exception is RpcException rpc)
        {
            return rpc;
        }

        // A connection that was reset says so itself, and may say it before the call knows.
        if (exception is ConnectionResetException || (call.CancellationToken.IsCancellationRequested && exception is OperationCanceledException or IOException))
        {
            return new RpcException(new Status(StatusCode.Cancelled, "the call was cancelled"));
        }

        var failure = Failures.ForCaller(exception, logger, IsTranscoded(http) ? Protocols.Rest : Protocols.Grpc, call.Method);
        if (failure.Code == BrokerErrorCode.Internal)
        {
            http.Features.Set(OwnInternal.Instance);
        }

        return Statuses.ToRpc(failure);
    }

    // Whether INTERNAL is what this broker has said, and not what the framework says of a frame that it can't read.
    public static bool IsOwnInternal(HttpContext http) => http.Features.Get<OwnInternal>() is not null;

    private sealed class OwnInternal
    {
        public static readonly OwnInternal Instance = new();
    }

    private static bool IsTranscoded(HttpContext http) =>
        http.Request.ContentType is not { } type || !type.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase);
}
