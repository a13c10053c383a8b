using System.Buffers;
using System.Net.WebSockets;

namespace EventBroker.Endpoints.WebSockets;

// Reads the client's frames. Between frames it holds no buffer.
internal sealed class FrameReader(WebSocket socket)
{
    public const int MaxFrameLength = 32 * 1024;

    private const int FirstRead = 4096;

    // Gives each text frame to the handler; ends when the client has closed, with the close code that the server is to answer.
    public async Task<WebSocketCloseStatus> ReadAllAsync(Func<ReadOnlyMemory<byte>, Task> onText, Func<Task> onBinary)
    {
        while (true)
        {
            // Waits for something to read without a buffer; a close frame needs none.
            var waited = await socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None);
            if (waited.MessageType == WebSocketMessageType.Close)
            {
                return WebSocketCloseStatus.NormalClosure;
            }

            if (waited is { EndOfMessage: true, MessageType: WebSocketMessageType.Text })
            {
                // An empty frame is complete already: reading on would wait for the one after it.
                await onText(ReadOnlyMemory<byte>.Empty);
                continue;
            }

            var buffer = ArrayPool<byte>.Shared.Rent(FirstRead);
            try
            {
                var length = 0;
                ValueWebSocketReceiveResult result;
                do
                {
                    if (length == buffer.Length)
                    {
                        buffer = Grow(buffer);
                    }

                    result = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                    length += result.Count;
                    if (length > MaxFrameLength)
                    {
                        return WebSocketCloseStatus.MessageTooBig;
                    }
                }
                while (!result.EndOfMessage && result.MessageType != WebSocketMessageType.Close);

                switch (result.MessageType)
                {
                    case WebSocketMessageType.Close:
                        return WebSocketCloseStatus.NormalClosure;
                    case WebSocketMessageType.Text:
                        await onText(buffer.AsMemory(0, length));
                        break;
                    default:
                        await onBinary();
                        break;
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    // Reads on up to the client's close frame.
    public async Task DiscardAsync()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(FirstRead);
        try
        {
            while ((await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None)).MessageType != WebSocketMessageType.Close)
            {
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static byte[] Grow(byte[] buffer)
    {
        var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
