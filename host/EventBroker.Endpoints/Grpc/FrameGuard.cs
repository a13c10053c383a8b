using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using EventBroker.Broker;
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
internal sealed class FrameGuard(MessageBroker broker, Bodies bodies, ContractHeaders contract)
{
    private const int HeaderLength = 5;
    private const string Malformed = "malformed gRPC frame";

    // More than the name of any service.
    private const int LargestQuestion = 4096;

    public RequestDelegate Around(RequestDelegate next, GrpcMethodMetadata method)
    {
        var isStream = method.Method.Type is MethodType.ClientStreaming or MethodType.DuplexStreaming;
        var largest = GrpcLimits.LargestRequest(broker, method.ServiceType);
        return async http =>
        {
            LetMessagesBeMeasured(http, isStream);
            if (await BeginAsync(http, largest, isStream) is not null)
            {
                using var body = isStream ? bodies.Watch(http) : null;
                await next(http);
                Sign(http);
            }
        };
    }

    // For the framework's own health service, which everybody may ask: nothing is kept of a question that is none.
    public RequestDelegate AroundHealth(RequestDelegate next) => async http =>
    {
        if (await BeginAsync(http, LargestQuestion, isStream: false) is not { } isTooLarge)
        {
            return;
        }

        if (isTooLarge)
        {
            GrpcStatus.Write(http, new BrokerException(BrokerErrorCode.ResourceExhausted, $"the request is larger than {LargestQuestion} bytes") { IsFinal = true });
            return;
        }

        await next(http);
    };

    // Whether the first message is too large; null if the call is over, and answered.
    private async ValueTask<bool?> BeginAsync(HttpContext http, int largest, bool isStream)
    {
        try
        {
            return await CheckFirstAsync(http.Request.BodyReader, largest, isStream, http.RequestAborted);
        }
        catch (BrokerException fault)
        {
            GrpcStatus.Write(http, fault);
        }
        catch (ConnectionResetException)
        {
            Failures.GiveUp(http);
        }
        catch (Exception exception) when (exception is (IOException and not BadHttpRequestException) or OperationCanceledException)
        {
            // The client is gone, or an application's own timeout has come. The framework would call either an error of ours, with a
            // stack in the log for each.
            GrpcStatus.Write(http, Failures.NotFinished());
        }

        return null;
    }

    // What somebody in between refuses of its own has no such mark.
    private void Sign(HttpContext http)
    {
        var headers = http.Response.HasStarted ? http.Features.Get<IHttpResponseTrailersFeature>()?.Trailers : http.Response.Headers;
        if (headers is null || !headers.TryGetValue("grpc-status", out var status) || status == "0")
        {
            return;
        }

        // Where it has none, the framework has refused. It calls exhausted what is too large, as it came or decompressed, and nothing else.
        headers.TryAdd(ContractHeaders.Refusal, status == "8" ? Refusals.Final : Refusals.Plain);

        if (status == "13" && !GrpcCalls.IsOwnInternal(http))
        {
            // It was cut off, or has something behind it.
            headers["grpc-status"] = "3";
            headers["grpc-message"] = Malformed + ": " + headers["grpc-message"];
        }

        if (headers[ContractHeaders.Refusal] == Refusals.Final)
        {
            contract.WriteLimits(headers);
        }
    }

    // The framework measures messages, and says what is wrong; the server measures bodies, and resets. A stream of requests has no end to
    // measure and no rate. The framework knows that as well, but it comes too late: once the first byte is read, the server keeps to the
    // limits it has.
    private static void LetMessagesBeMeasured(HttpContext http, bool isStream)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        if (isStream)
        {
            DataRates.LiftForRequest(http);
        }
    }

    // Looks at the first header, and waits until the message behind it is there, since nobody else sees to it that it goes on coming. What
    // is too large is left to the framework, and what is wrong later reaches our handlers as an exception.
    private async ValueTask<bool> CheckFirstAsync(PipeReader reader, int largest, bool isStream, CancellationToken aborted)
    {
        try
        {
            var result = await bodies.ReadAsync(reader, HeaderLength, aborted);
            var isGood = IsGood(result.Buffer, out var length);
            var isTooLarge = length > largest;
            var isWhole = result.IsCompleted || isStream || isTooLarge || result.Buffer.Length >= HeaderLength + length;
            reader.AdvanceTo(result.Buffer.Start);
            if (!isGood)
            {
                throw new BrokerException(BrokerErrorCode.InvalidArgument, Malformed);
            }

            if (!isWhole)
            {
                reader.AdvanceTo((await bodies.ReadAsync(reader, HeaderLength + length, aborted)).Buffer.Start);
            }

            return isTooLarge;
        }
        catch (BadHttpRequestException)
        {
            // The framework meets the same when it reads, and knows how to end the call.
            return false;
        }
    }

    // One byte that is 0 or 1 and a length of at most 2 GiB. What is cut off is told by the framework in a way that can be mended.
    private static bool IsGood(ReadOnlySequence<byte> buffer, out long length)
    {
        length = 0;
        if (buffer.Length < HeaderLength)
        {
            return true;
        }

        Span<byte> header = stackalloc byte[HeaderLength];
        buffer.Slice(0, HeaderLength).CopyTo(header);
        length = BinaryPrimitives.ReadUInt32BigEndian(header[1..]);
        return header[0] <= 1 && length <= int.MaxValue;
    }
}
