using System.Net;

namespace Benchmarks.Clients;

/// <summary>A request body that is written piece by piece, until it is completed.</summary>
internal sealed class PushContent : HttpContent
{
    private readonly TaskCompletionSource<Stream> _stream = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Gets the body, once the request is on its way.</summary>
    public Task<Stream> Stream => _stream.Task;

    public void Complete() => _completed.TrySetResult();

    /// <summary>Ends the wait for a body of a request that never got on its way.</summary>
    public void Fail(Exception fault) => _stream.TrySetException(fault);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        // The headers go out with the first bytes; the server is to see the call before there is a message.
        await stream.FlushAsync();
        _stream.TrySetResult(stream);
        await _completed.Task;
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
