using System.Net.Sockets;

namespace EventBroker.Client.Connections;

/// <summary>A socket's stream that tells when it is closed, and whether anything ever came over it.</summary>
internal sealed class MonitoredStream(Socket socket, ConnectionMonitor monitor) : NetworkStream(socket, ownsSocket: true)
{
    private bool _isClosed;

    /// <summary>Gets whether a byte has come.</summary>
    public bool HasReceived { get; private set; }

    /// <summary>Gets or sets whether the broker has answered a call over this connection. Belongs to the monitor.</summary>
    public bool HasAnswered { get; set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = 0;
        try
        {
            read = await base.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            HasReceived |= read > 0;
            return read;
        }
        finally
        {
            // It is disposed of only when all its calls have been looked at.
            if (read == 0 && buffer.Length > 0)
            {
                NoteEnd();
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            NoteEnd();
        }
    }

    private void NoteEnd()
    {
        if (!Interlocked.Exchange(ref _isClosed, true))
        {
            monitor.Dropped(this);
        }
    }
}
