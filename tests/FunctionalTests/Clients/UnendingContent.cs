using System.Net;

namespace EventBroker.FunctionalTests.Clients;

// A body that begins and never ends.
internal sealed class UnendingContent(byte[] beginning) : HttpContent
{
    private readonly TaskCompletionSource _never = new();

    // Once the connection has taken what there is of it.
    public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(beginning, cancellationToken);
        await stream.FlushAsync(cancellationToken);
        Begun.TrySetResult();
        await _never.Task.WaitAsync(cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
