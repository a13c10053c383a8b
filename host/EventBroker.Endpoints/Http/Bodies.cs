using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using EventBroker.Sdk.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace EventBroker.Endpoints.Http;

// Reads bodies, and gives up those that come too slowly. The server measures the rate of a body over all of its time: one of which some
// megabytes came at once may then stand still for hours, and what has come is held meanwhile.
internal sealed class Bodies(IOptions<EventBrokerOptions> options, TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);

    private readonly int _least = options.Value.MinBytesPerSecond;

    public static BrokerException TooSlow() => new(BrokerErrorCode.DeadlineExceeded, "the request body comes too slowly");

    // On a timer or in a token's callback, where nobody catches: of a request that is aborted the server says so by an exception, and its read
    // ends by itself.
    public static void CancelRead(PipeReader reader)
    {
        try
        {
            reader.CancelPendingRead();
        }
        catch (Exception aborted) when (aborted is IOException or OperationCanceledException)
        {
        }
    }

    // For a call that streams messages, until it is disposed of. Null where there is no rate.
    public StreamBody? Watch(HttpContext http)
    {
        if (_least == 0)
        {
            return null;
        }

        var body = new StreamBody(http.Request.BodyReader, _least, time);
        http.Features.Set<IRequestBodyPipeFeature>(body);
        return body;
    }

    // To its end; to be given back by AdvanceTo once it is decoded.
    public async ValueTask<ReadOnlySequence<byte>> ReadAllAsync(PipeReader reader, int limit, CancellationToken cancellationToken)
    {
        ReadOnlySequence<byte> buffer;
        try
        {
            buffer = (await ReadAsync(reader, limit + 1L, cancellationToken)).Buffer;
        }
        catch (Exception exception) when (Failures.IsBrokenConnection(exception))
        {
            throw Failures.BrokenConnection(exception);
        }

        if (buffer.Length > limit)
        {
            reader.AdvanceTo(buffer.End);
            throw new BrokerException(BrokerErrorCode.ResourceExhausted, $"the request body is larger than {limit} bytes") { IsFinal = true };
        }

        return buffer;
    }

    // Until there is enough of it, or its end. What has not begun to come is the server's affair; most bodies come in one piece, and cost
    // nothing more here. No read has the token: the server takes one that ended by it for one that goes on, and logs an error when it looks
    // at the rest of the body.
    public ValueTask<ReadResult> ReadAsync(PipeReader reader, long enough, CancellationToken cancellationToken)
    {
        var first = reader.ReadAsync(CancellationToken.None);
        if (!first.IsCompletedSuccessfully)
        {
            return WaitAsync(reader, first, enough, cancellationToken);
        }

        var result = first.Result;
        return IsEnough(result, enough) ? new(result) : ReadOnAsync(reader, result, enough, cancellationToken);
    }

    private static bool IsEnough(in ReadResult result, long enough) => result.IsCompleted || result.IsCanceled || result.Buffer.Length >= enough;

    // Pooled, since a call whose body is a moment behind its headers is as common as one that has it with them.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> WaitAsync(PipeReader reader, ValueTask<ReadResult> first, long enough, CancellationToken cancellationToken)
    {
        ReadResult result;
        using (cancellationToken.UnsafeRegister(static reader => CancelRead((PipeReader)reader!), reader))
        {
            result = await first;
        }

        if (cancellationToken.IsCancellationRequested)
        {
            reader.AdvanceTo(result.Buffer.End);
            throw Failures.NotFinished();
        }

        return IsEnough(result, enough) ? result : await ReadOnAsync(reader, result, enough, cancellationToken);
    }

    private async ValueTask<ReadResult> ReadOnAsync(PipeReader reader, ReadResult result, long enough, CancellationToken cancellationToken)
    {
        var (begin, before) = (time.GetTimestamp(), result.Buffer.Length);
        while (!IsEnough(result, enough))
        {
            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            result = await ReadNextAsync(reader, cancellationToken);
            var passed = time.GetElapsedTime(begin);
            if (_least > 0 && passed >= Window)
            {
                if (result.Buffer.Length - before < _least * passed.TotalSeconds && !IsEnough(result, enough))
                {
                    reader.AdvanceTo(result.Buffer.End);
                    throw TooSlow();
                }

                (begin, before) = (time.GetTimestamp(), result.Buffer.Length);
            }
        }

        return result;
    }

    private async ValueTask<ReadResult> ReadNextAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        var read = reader.ReadAsync(CancellationToken.None);
        if (read.IsCompleted)
        {
            return await read;
        }

        var pending = read.AsTask();
        try
        {
            return await pending.WaitAsync(_least == 0 ? Timeout.InfiniteTimeSpan : Window, time, cancellationToken);
        }
        catch (Exception end) when (end is TimeoutException || cancellationToken.IsCancellationRequested)
        {
            CancelRead(reader);
            reader.AdvanceTo((await pending).Buffer.End);
            throw end is TimeoutException ? TooSlow() : Failures.NotFinished();
        }
    }
}
