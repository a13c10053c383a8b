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
    private ProtoFieldReader _fields;

    /// <summary>Initializes a reader at the beginning of an encoded message.</summary>
    /// <param name="bytes">The encoded message.</param>
    public EncodedMessageReader(ReadOnlySpan<byte> bytes) => _fields = new ProtoFieldReader(bytes);

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
        if (!_fields.Read())
        {
            Field = MessageField.None;
            ThrowIfMalformed(_fields);
            return false;
        }

        Field = _fields.BytesField is >= (int)MessageField.Id and <= (int)MessageField.Timestamp ? (MessageField)_fields.BytesField : MessageField.None;
        Value = _fields.Bytes;
        if (Field == MessageField.Metadata)
        {
            ReadEntry(Value);
        }
        else if (Field == MessageField.Timestamp)
        {
            Timestamp = MessageTimestamp.Decode(Value);
        }

        return true;
    }

    private void ReadEntry(ReadOnlySpan<byte> entry)
    {
        Key = default;
        Value = default;
        var fields = new ProtoFieldReader(entry);
        while (fields.Read())
        {
            if (fields.BytesField == MapEntry.Key)
            {
                Key = fields.Bytes;
            }
            else if (fields.BytesField == MapEntry.Value)
            {
                Value = fields.Bytes;
            }
        }

        ThrowIfMalformed(fields);
    }

    private static void ThrowIfMalformed(in ProtoFieldReader fields)
    {
        if (fields.Fault is not null)
        {
            ThrowMalformed();
        }
    }

    [DoesNotReturn]
    private static void ThrowMalformed() => throw new FormatException("the bytes are not an encoded message");
}
