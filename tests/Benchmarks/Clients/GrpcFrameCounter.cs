namespace Benchmarks.Clients;

/// <summary>Counts the gRPC messages that pass in a stream of bytes, without copying or parsing them.</summary>
internal struct GrpcFrameCounter
{
    private readonly byte[] _prefix = new byte[GrpcFrame.PrefixLength];
    private int _prefixRead;
    private int _bodyLeft;

    public GrpcFrameCounter()
    {
    }

    /// <summary>Takes the next bytes.</summary>
    /// <returns>How many messages they complete.</returns>
    public int Advance(ReadOnlySpan<byte> bytes)
    {
        var completed = 0;
        while (true)
        {
            if (_prefixRead < GrpcFrame.PrefixLength)
            {
                var taken = Math.Min(GrpcFrame.PrefixLength - _prefixRead, bytes.Length);
                bytes[..taken].CopyTo(_prefix.AsSpan(_prefixRead));
                bytes = bytes[taken..];
                _prefixRead += taken;
                if (_prefixRead < GrpcFrame.PrefixLength)
                    return completed;

                _bodyLeft = GrpcFrame.Length(_prefix);
            }

            var body = Math.Min(_bodyLeft, bytes.Length);
            bytes = bytes[body..];
            _bodyLeft -= body;
            if (_bodyLeft > 0)
                return completed;

            completed++;
            _prefixRead = 0;
        }
    }
}
