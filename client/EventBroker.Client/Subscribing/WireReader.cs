namespace EventBroker.Client.Subscribing;

/// <summary>Walks over the fields of an encoded protobuf message without making anything of them.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;

    /// <summary>Gets the number of the field that was read.</summary>
    public int Field { get; private set; }

    /// <summary>Gets where its content lies, if it has a length.</summary>
    public Range Content { get; private set; }

    /// <summary>Gets its value, if it is a varint.</summary>
    public ulong Number { get; private set; }

    /// <summary>Goes to the next field.</summary>
    /// <returns>False behind the last.</returns>
    /// <exception cref="FormatException">The bytes are no message.</exception>
    public bool Read()
    {
        if (_at == _bytes.Length)
        {
            return false;
        }

        var tag = ReadVarint();
        Field = (int)(tag >> 3);
        switch (tag & 7)
        {
            case 0:
                Number = ReadVarint();
                break;
            case 1:
                Skip(8);
                break;
            case 2:
                var length = ReadVarint();
                var start = _at;
                Skip(length);
                Content = start.._at;
                break;
            case 5:
                Skip(4);
                break;
            default:
                throw Malformed();
        }

        return true;
    }

    private ulong ReadVarint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (_at == _bytes.Length)
            {
                throw Malformed();
            }

            var next = _bytes[_at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Malformed();
    }

    private void Skip(ulong count)
    {
        if (count > (ulong)(_bytes.Length - _at))
        {
            throw Malformed();
        }

        _at += (int)count;
    }

    private static FormatException Malformed() => new("the server has sent something that is no message");
}
