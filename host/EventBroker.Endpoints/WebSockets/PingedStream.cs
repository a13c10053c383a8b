namespace EventBroker.Endpoints.WebSockets;

// What a WebSocket is made over: lets its bytes through, can put a ping between two frames, and knows whether anything was read since.
// The socket's own keep-alive has a timer for each connection and no clock of ours.
internal sealed class PingedStream(Stream inner) : Stream
{
    // Final, a ping, empty and unmasked.
    private static readonly byte[] Ping = [0x89, 0x00];

    private int _reads;
    private int _readsAtPing;
    private volatile bool _isPinged;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    // The socket reads again as soon as it has got something, so a read that was begun since the ping says that something came: the
    // pong, or whatever else.
    public bool IsUnanswered => _isPinged && Volatile.Read(ref _reads) == _readsAtPing;

    // For whoever's turn it is to write: what the socket answers by itself is written in one piece, and so is this.
    public ValueTask PingAsync(CancellationToken cancellationToken)
    {
        if (!IsUnanswered)
        {
            _readsAtPing = Volatile.Read(ref _reads);
            _isPinged = true;
        }

        return inner.WriteAsync(Ping, cancellationToken);
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _reads);
        return inner.ReadAsync(buffer, cancellationToken);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count)
    {
        Interlocked.Increment(ref _reads);
        return inner.Read(buffer, offset, count);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        inner.WriteAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        inner.WriteAsync(buffer, offset, count, cancellationToken);

    public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
