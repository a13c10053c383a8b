using System.Net;
using System.Net.Sockets;
using System.Text;

namespace HostileClient.Wire;

/// <summary>A connection on which anything can be sent.</summary>
internal sealed class RawConnection : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Socket _socket;

    private RawConnection(Socket socket) => _socket = socket;

    /// <summary>Connects.</summary>
    /// <param name="server">Where to.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <param name="window">How much the system may keep of what is not read; 0 for its own choice.</param>
    public static async Task<RawConnection> OpenAsync(Uri server, CancellationToken cancellation, int window = 0)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (window > 0)
                socket.ReceiveBufferSize = window;

            await socket.ConnectAsync(IPAddress.Parse(server.Host), server.Port, cancellation);
            return new RawConnection(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        while (bytes.Length > 0)
            bytes = bytes[await _socket.SendAsync(bytes, cancellation)..];
    }

    public Task SendAsync(string text, CancellationToken cancellation) => SendAsync(Encoding.Latin1.GetBytes(text), cancellation);

    /// <summary>Reads what comes next.</summary>
    /// <returns>How many bytes; 0 when the broker has closed the connection.</returns>
    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation) => _socket.ReceiveAsync(buffer, cancellation);

    /// <summary>Waits a little for the status line of an answer.</summary>
    public async Task<string> ReadStatusAsync(CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        return await ReadStatusOfAnyTimeAsync(patience.Token);
    }

    /// <summary>Waits for the status line of an answer, however long it takes.</summary>
    public async Task<string> ReadStatusOfAnyTimeAsync(CancellationToken cancellation)
    {
        var buffer = new byte[1024];
        var read = await ReadAsync(buffer, cancellation);
        var text = Encoding.Latin1.GetString(buffer, 0, read);
        return read == 0 ? "closed"
            : text.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) && text.Length >= 12 ? WithBody(text[9..12], text)
            : "answered";
    }

    /// <summary>Reads until the broker closes the connection.</summary>
    public async Task<string> ReadToEndAsync(CancellationToken cancellation)
    {
        var buffer = new byte[16 * 1024];
        while (await ReadAsync(buffer, cancellation) > 0)
        {
            // Whatever it says.
        }

        return "closed";
    }

    /// <summary>Ends the connection without a word: the broker meets a reset.</summary>
    public void Kill() => _socket.Close(timeout: 0);

    public void Dispose() => _socket.Dispose();

    private static string WithBody(string status, string answer) => status == "500" ? $"500: {answer.ReplaceLineEndings(" ")}" : status;
}
