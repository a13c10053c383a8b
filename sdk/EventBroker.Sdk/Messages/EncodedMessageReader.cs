using System.Diagnostics.CodeAnalysis;

namespace EventBroker.Sdk.Messages;

/// <summary>Walks over the fields of an encoded message without copying or allocating.</summary>
/// <example>
/// <code>
/// var reader = message.CreateReader();
/// while (reader.Read())
/// {
///     if (reader.Field == MessageField.Payload) { Use(reader.Value); }
/// }
/// </code>
/// </example>
public ref struct EncodedMessageReader
{
    private readonly ReadOnlySpan<byte> _bytes;
    private int _position;

    /// <summary>Initializes a reader at the beginning of an encoded message.</summary>
    /// <param name="bytes">The encoded message.</param>
    public EncodedMessageReader(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>Gets the field that <see cref="Read"/> stands on; <see cref="MessageField.None"/> for one that
    /// this version does not know and passes over.</summary>
    public MessageField Field { get; private set; }

    /// <summary>Gets the key of a metadata entry, UTF-8.</summary>
    public ReadOnlySpan<byte> Key { get; private set; }

    /// <summary>Gets the value of the id, source, payload or metadata entry.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Gets the value of the timestamp field.</summary>
    public MessageTimestamp Timestamp { get; private set; }

    /// <summary>Advances to the next field.</summary>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="FormatException">The bytes are not an encoded message.</exception>
    public bool Read()
    {
        if (_position >= _bytes.Length)
        {
            Field = MessageField.None;
            return false;
        }

        if (!ProtoWire.TryReadVarint(_bytes, ref _position, out var tag))
        {
            ThrowMalformed();
        }

        var number = tag >> 3;
        if ((tag & 7) != ProtoWire.LengthDelimited || number is < 1 or > 5)
        {
            Field = MessageField.None;
            if (!ProtoWire.TrySkip(_bytes, ref _position, (int)(tag & 7)))
            {
                ThrowMalformed();
            }

            return true;
        }

        Field = (MessageField)number;
        if (!ProtoWire.TryReadBytes(_bytes, ref _position, out var value))
        {
            ThrowMalformed();
        }

        Value = value;
        if (Field == MessageField.Metadata)
        {
            ReadEntry(value);
        }
        else if (Field == MessageField.Timestamp)
        {
            Timestamp = MessageTimestamp.Decode(value);
        }

        return true;
    }

    private void ReadEntry(ReadOnlySpan<byte> entry)
    {
        Key = default;
        Value = default;
        var at = 0;
        while (at < entry.Length)
        {
            if (!ProtoWire.TryReadVarint(entry, ref at, out var tag))
            {
                ThrowMalformed();
            }

            if (tag is 0x0A or 0x12)
            {
                if (!ProtoWire.TryReadBytes(entry, ref at, out var text))
                {
                    ThrowMalformed();
                }

                if (tag == 0x0A)
                {
                    Key = text;
                }
                else
                {
                    Value = text;
                }
            }
            else if (!ProtoWire.TrySkip(entry, ref at, (int)(tag & 7)))
            {
                ThrowMalformed();
            }
        }
    }

    [DoesNotReturn]
    private static void ThrowMalformed() => throw new FormatException("the bytes are not an encoded message");
}
