using System.Buffers.Binary;

namespace Benchmarks.Clients;

/// <summary>Counts the WebSocket frames of messages that a server sends, without copying or parsing them.</summary>
internal struct WebSocketFrameCounter
{
    // A heartbeat and a close frame are shorter, a message is longer.
    private const int ShortestMessage = 126;

    private readonly byte[] _header = new byte[10];
    private int _headerRead;
    private long _bodyLeft;
    private bool _inBody;
    private bool _isMessage;

    public WebSocketFrameCounter()
    {
    }

    /// <summary>Takes the next bytes.</summary>
    /// <returns>How many messages they complete.</returns>
    public int Advance(ReadOnlySpan<byte> bytes)
    {
        var completed = 0;
        while (true)
        {
            while (!_inBody)
            {
                if (bytes.IsEmpty)
                    return completed;

                _header[_headerRead++] = bytes[0];
                bytes = bytes[1..];
                EndHeader();
            }

            var body = (int)Math.Min(_bodyLeft, bytes.Length);
            bytes = bytes[body..];
            _bodyLeft -= body;
            if (_bodyLeft > 0)
                return completed;

            completed += _isMessage ? 1 : 0;
            _inBody = false;
            _headerRead = 0;
        }
    }

    private void EndHeader()
    {
        var length = _headerRead < 2 ? -1 : (_header[1] & 0x7F, _headerRead) switch
        {
            (126, 4) => BinaryPrimitives.ReadUInt16BigEndian(_header.AsSpan(2)),
            (127, 10) => BinaryPrimitives.ReadInt64BigEndian(_header.AsSpan(2)),
            (126 or 127, _) => -1,
            (var inline, _) => inline,
        };
        if (length < 0)
            return;

        _bodyLeft = length;
        _isMessage = length >= ShortestMessage;
        _inBody = true;
    }
}
