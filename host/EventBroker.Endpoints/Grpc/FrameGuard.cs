using System.Buffers;
using System.IO.Pipelines;
using EventBroker.Endpoints.Http;
using EventBroker.Endpoints.Streaming;
using EventBroker.Sdk.Errors;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace EventBroker.Endpoints.Grpc;

// The framework takes a broken gRPC frame for a fault of its own: INTERNAL or UNKNOWN, and an exception in the log for each.
// It is the caller's fault, so it is INVALID_ARGUMENT, and the log stays readable.
internal static class FrameGuard
{
    private const int HeaderLength = 5;
    private const string Malformed = "malformed gRPC frame";

    public static RequestDelegate Around(RequestDelegate next) => async http =>
    {
        LetMessagesBeMeasured(http);
        if (!await HasGoodHeaderAsync(http.Request.BodyReader, http.RequestAborted))
        {
            GrpcStatus.Write(http, new BrokerException(BrokerErrorCode.InvalidArgument, Malformed));
            return;
        }

        await next(http);
        var headers = http.Response.HasStarted ? http.Features.Get<IHttpResponseTrailersFeature>()?.Trailers : http.Response.Headers;
        if (headers is not null && headers.TryGetValue("grpc-status", out var status) && status == "13"
            && !GrpcCalls.IsOwnInternal(http))
        {
            // It was cut off, or has something behind it.
            headers["grpc-status"] = "3";
            headers["grpc-message"] = Malformed + ": " + headers["grpc-message"];
        }
    };

    // The framework measures messages, and says what is wrong; the server measures bodies, and resets. A stream of requests has no end to
    // measure and no rate. The framework knows that as well, but it comes too late: once the first byte is read, the server keeps to the
    // limits it has.
    private static void LetMessagesBeMeasured(HttpContext http)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        if (http.GetEndpoint()?.Metadata.GetMetadata<GrpcMethodMetadata>()?.Method.Type is MethodType.ClientStreaming or MethodType.DuplexStreaming)
        {
            DataRates.LiftForRequest(http);
        }
    }

    // Only looks at the first header: what is wrong later reaches our handlers as an exception.
    private static async ValueTask<bool> HasGoodHeaderAsync(PipeReader reader, CancellationToken aborted)
    {
        try
        {
            while (true)
            {
                var result = await reader.ReadAsync(aborted);
                var buffer = result.Buffer;
                if (buffer.Length >= HeaderLength || result.IsCompleted || result.IsCanceled)
                {
                    var isGood = IsGood(buffer);
                    reader.AdvanceTo(buffer.Start);
                    return isGood;
                }

                reader.AdvanceTo(buffer.Start, buffer.End);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ConnectionAbortedException or BadHttpRequestException)
        {
            // The framework meets the same when it reads, and knows how to end the call.
            return true;
        }
    }

    // One byte that is 0 or 1 and a length of at most 2 GiB. What is cut off is told by the framework in a way that can be mended.
    private static bool IsGood(ReadOnlySequence<byte> buffer)
    {
        if (buffer.Length < HeaderLength)
        {
            return true;
        }

        Span<byte> header = stackalloc byte[HeaderLength];
        buffer.Slice(0, HeaderLength).CopyTo(header);
        return header[0] <= 1 && header[1] < 0x80;
    }
}
