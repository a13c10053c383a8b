namespace Benchmarks.Clients;

/// <summary>Reads the answer of a Subscribe call, message by message and without decoding them.</summary>
internal static class MessageStream
{
    /// <summary>Gets a message; its bytes are overwritten afterwards.</summary>
    public delegate void Handler(ReadOnlySpan<byte> message);

    /// <summary>Reads until the server ends the call.</summary>
    public static async Task ReadAsync(HttpResponseMessage response, Stream stream, Handler handler)
    {
        var buffer = new byte[64 * 1024];
        var filled = 0;
        while (true)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(filled));
            if (read == 0)
                break;

            filled += read;
            var taken = TakeFrames(buffer.AsSpan(0, filled), handler);
            buffer.AsSpan(taken, filled - taken).CopyTo(buffer);
            filled -= taken;
        }

        GrpcConnection.ThrowIfFailed(CountingSubscriber.Method, response.StatusCode, response.TrailingHeaders);
    }

    private static int TakeFrames(ReadOnlySpan<byte> bytes, Handler handler)
    {
        var taken = 0;
        while (bytes.Length - taken >= GrpcFrame.PrefixLength)
        {
            var end = taken + GrpcFrame.PrefixLength + GrpcFrame.Length(bytes[taken..]);
            if (end > bytes.Length)
                break;

            handler(bytes[(taken + GrpcFrame.PrefixLength)..end]);
            taken = end;
        }

        return taken;
    }
}
