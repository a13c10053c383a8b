namespace EventBroker.Client.Bus.Tests;

// A stream of a response that fails once it is cut.
internal sealed class BreakableStream(Stream inner, CancellationToken cut) : Stream
{
    private volatile TaskCompletionSource _readOut = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Ends when everything that has come was read, and more is waited for.
    public Task ReadOut => _readOut.Task;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, cut);
        try
        {
            var reading = inner.ReadAsync(buffer, either.Token);
            if (reading.IsCompleted)
            {
                return await reading;
            }

            _readOut.TrySetResult();
            var bytes = await reading;
            _readOut = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return bytes;
        }
        catch (OperationCanceledException exception) when (cut.IsCancellationRequested)
        {
            throw new IOException("cut by the test", exception);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        inner.Dispose();
        base.Dispose(disposing);
    }
}
