using EventBroker.Endpoints.Http;
using EventBroker.Sdk.Errors;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace EventBroker.Endpoints.Grpc;

// The messages of a publish stream.
internal abstract class PublishMessages
{
    public static PublishMessages Of(HttpContext http, IAsyncStreamReader<PublishCall> requests, int largest) =>
        http.Request.Headers.TryGetValue("grpc-encoding", out var encoding) && encoding != "identity"
            ? new CompressedPublishes(requests)
            : new PublishFrames(http.Request.BodyReader, largest);

    // Waits for a message, and takes those that are there with it. None at the end of the stream.
    public async ValueTask ReadAsync(List<PublishCall> calls, int most, int mostBytes, CancellationToken cancellationToken)
    {
        try
        {
            await ReadOnAsync(calls, most, mostBytes, cancellationToken);
        }
        catch (Exception exception) when (Failures.IsBrokenConnection(exception))
        {
            throw Failures.BrokenConnection(exception);
        }
        catch (Exception exception) when (exception is InvalidDataException or BadHttpRequestException && !cancellationToken.IsCancellationRequested)
        {
            // What the framework and the server say of a broken frame is the caller's fault.
            throw Malformed("it can't be read", exception);
        }
    }

    protected static BrokerException Malformed(string what, Exception? cause = null) =>
        new(BrokerErrorCode.InvalidArgument, "malformed gRPC frame: " + what, cause!);

    protected abstract ValueTask ReadOnAsync(List<PublishCall> calls, int most, int mostBytes, CancellationToken cancellationToken);

    // As the framework makes them.
    private sealed class CompressedPublishes(IAsyncStreamReader<PublishCall> requests) : PublishMessages
    {
        private Task<bool>? _next;

        protected override async ValueTask ReadOnAsync(List<PublishCall> calls, int most, int mostBytes, CancellationToken cancellationToken)
        {
            _next ??= requests.MoveNext(cancellationToken);
            for (long bytes = 0; calls.Count < most && bytes < mostBytes && (calls.Count == 0 || _next.IsCompleted) && await _next;)
            {
                calls.Add(requests.Current);
                bytes += requests.Current.Message?.Length ?? 0;
                _next = requests.MoveNext(cancellationToken);
            }
        }
    }
}
