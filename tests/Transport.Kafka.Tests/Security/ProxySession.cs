using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;

namespace EventBroker.Transport.Kafka.Tests.Security;

/// <summary>One connection through the proxy, frame by frame.</summary>
internal sealed class ProxySession(Stream near, Stream far, int ownPort, int farPort, ISaslServer? sasl) : IDisposable
{
    private const short ApiVersions = 18;
    private const short SaslHandshake = 17;
    private const short SaslAuthenticate = 36;
    private const short AuthenticationFailed = 58;

    private readonly SemaphoreSlim _writing = new(1);
    private readonly ConcurrentDictionary<int, short> _asksForVersions = new();
    private readonly byte[] _farAddress = Address(farPort);
    private readonly byte[] _ownAddress = Address(ownPort);
    private bool _isAdmitted = sasl is null;

    public async Task RunAsync(Action admitted, CancellationToken cancellation)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var both = new[] { AskAsync(admitted, ending.Token), AnswerAsync(ending.Token) };
        var first = await Task.WhenAny(both);
        await ending.CancelAsync();
        await Task.WhenAny(Task.WhenAll(both));
        await first;
    }

    public void Dispose() => _writing.Dispose();

    private async Task AskAsync(Action admitted, CancellationToken cancellation)
    {
        while (true)
        {
            var frame = await ReadAsync(near, cancellation);
            var (api, version, id) = (Int16(frame, 0), Int16(frame, 2), Int32(frame, 4));
            if (sasl is not null && api is SaslHandshake or SaslAuthenticate)
            {
                // Behind the client's name.
                var body = frame.AsMemory(10 + Math.Max((short)0, Int16(frame, 8)));
                await WriteAsync(near, api == SaslHandshake ? Greet(id, body.Span) : Authenticate(id, version, body.Span, admitted), cancellation);
                continue;
            }

            if (api == ApiVersions)
            {
                _asksForVersions[id] = version;
            }
            else if (!_isAdmitted)
            {
                throw new UnauthorizedAccessException($"call {api} came before SASL");
            }

            await WriteAsync(far, frame, cancellation);
        }
    }

    private async Task AnswerAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var frame = await ReadAsync(far, cancellation);
            if (_asksForVersions.TryRemove(Int32(frame, 0), out var version) && sasl is not null && Int16(frame, 4) == 0)
            {
                frame = AddSasl(frame, isFlexible: version >= 3);
            }

            for (var at = frame.AsSpan().IndexOf(_farAddress); at >= 0; at = frame.AsSpan().IndexOf(_farAddress))
            {
                _ownAddress.CopyTo(frame.AsSpan(at));
            }

            await WriteAsync(near, frame, cancellation);
        }
    }

    private byte[] Greet(int id, ReadOnlySpan<byte> body)
    {
        var asked = Encoding.UTF8.GetString(body.Slice(2, BinaryPrimitives.ReadInt16BigEndian(body)));
        var name = Encoding.UTF8.GetBytes(sasl!.Mechanism);
        return asked == sasl.Mechanism
            ? [.. Bytes(id), 0, 0, 0, 0, 0, 1, .. Bytes((short)name.Length), .. name]
            : throw new UnauthorizedAccessException($"it asked for {asked}");
    }

    private byte[] Authenticate(int id, short version, ReadOnlySpan<byte> body, Action admitted)
    {
        byte[] end = version == 0 ? [] : new byte[8];
        if (sasl!.Answer(body.Slice(4, BinaryPrimitives.ReadInt32BigEndian(body)).ToArray()) is not { } answer)
        {
            // A message that is null, and no bytes.
            return [.. Bytes(id), .. Bytes(AuthenticationFailed), 0xFF, 0xFF, 0, 0, 0, 0, .. end];
        }

        if (sasl.IsDone)
        {
            _isAdmitted = true;
            admitted();
        }

        return [.. Bytes(id), 0, 0, 0xFF, 0xFF, .. Bytes(answer.Length), .. answer, .. end];
    }

    // The mock does not name the calls of SASL among those that it takes. Their number is one byte as long as there are few.
    private static byte[] AddSasl(byte[] frame, bool isFlexible)
    {
        byte[] tags = isFlexible ? [0] : [];
        byte[] added = [.. Bytes(SaslHandshake), 0, 0, 0, 1, .. tags, .. Bytes(SaslAuthenticate), 0, 0, 0, 1, .. tags];
        if (!isFlexible)
        {
            return [.. frame[..6], .. Bytes(Int32(frame, 6) + 2), .. added, .. frame[10..]];
        }

        Assert.InRange(frame[6], 1, 125);
        return [.. frame[..6], (byte)(frame[6] + 2), .. added, .. frame[7..]];
    }

    private static async Task<byte[]> ReadAsync(Stream stream, CancellationToken cancellation)
    {
        var length = new byte[4];
        await stream.ReadExactlyAsync(length, cancellation);
        var frame = new byte[Int32(length, 0)];
        await stream.ReadExactlyAsync(frame, cancellation);
        return frame;
    }

    private async Task WriteAsync(Stream stream, byte[] frame, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            await stream.WriteAsync((byte[])[.. Bytes(frame.Length), .. frame], cancellation);
        }
        finally
        {
            _writing.Release();
        }
    }

    private static byte[] Address(int port) => [.. "127.0.0.1"u8, .. Bytes(port)];

    private static short Int16(byte[] frame, int at) => BinaryPrimitives.ReadInt16BigEndian(frame.AsSpan(at));

    private static int Int32(byte[] frame, int at) => BinaryPrimitives.ReadInt32BigEndian(frame.AsSpan(at));

    private static byte[] Bytes(short number)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteInt16BigEndian(bytes, number);
        return bytes;
    }

    private static byte[] Bytes(int number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return bytes;
    }
}
