using System.Text;

namespace EventBroker.Sdk.Messages;

/// <summary>Builds an <see cref="EncodedMessage"/> field by field in one growing buffer. Used by endpoints, by
/// transports whose backend keeps the fields apart (Kafka headers), and by interceptors that change a message.</summary>
/// <remarks>Not safe for concurrent use. The builder is spent after <see cref="Build"/>.</remarks>
public sealed class MessageEncoder
{
    private byte[] _buffer;
    private int _length;

    /// <summary>Initializes an encoder.</summary>
    /// <param name="capacity">The expected size of the encoded form, in bytes; it grows as needed.</param>
    public MessageEncoder(int capacity = 256) =>
        _buffer = GC.AllocateUninitializedArray<byte>(Math.Max(capacity, 64));

    /// <summary>Gets how many bytes are encoded so far.</summary>
    public int Length => _length;

    /// <summary>Gets whether an id was written.</summary>
    public bool HasId { get; private set; }

    /// <summary>Gets how many metadata entries were written.</summary>
    public int MetadataCount { get; private set; }

    /// <summary>Gets the size of all metadata keys and values so far, in bytes.</summary>
    public int MetadataLength { get; private set; }

    /// <summary>Gets the id as UTF-8, empty before one was written.</summary>
    public ReadOnlyMemory<byte> Id { get; private set; }

    /// <summary>Encodes a whole message.</summary>
    /// <param name="id">The id.</param>
    /// <param name="source">Who published it.</param>
    /// <param name="payload">The payload.</param>
    /// <param name="metadata">The metadata; null for none.</param>
    /// <param name="timestamp">When it was accepted.</param>
    /// <returns>The message.</returns>
    public static EncodedMessage Encode(
        string id,
        string source,
        ReadOnlySpan<byte> payload,
        IEnumerable<KeyValuePair<string, string>>? metadata,
        MessageTimestamp timestamp)
    {
        var encoder = new MessageEncoder(payload.Length + 128);
        encoder.WriteId(Encoding.UTF8.GetBytes(id));
        encoder.WriteSource(source);
        foreach (var (key, value) in metadata ?? [])
        {
            encoder.WriteMetadata(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value));
        }

        encoder.WritePayload(payload);
        encoder.WriteTimestamp(timestamp);
        return encoder.Build();
    }

    /// <summary>Writes the id. Once per message.</summary>
    /// <param name="utf8">The id; an empty one is not written.</param>
    public void WriteId(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty)
        {
            return;
        }

        WriteField(MessageField.Id, utf8);
        Id = _buffer.AsMemory(_length - utf8.Length, utf8.Length);
        HasId = true;
    }

    /// <summary>Writes who published the message. Once per message.</summary>
    /// <param name="source">The source; an empty one is not written.</param>
    public void WriteSource(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (source.Length == 0)
        {
            return;
        }

        var size = Encoding.UTF8.GetByteCount(source);
        Encoding.UTF8.GetBytes(source, Reserve(MessageField.Source, size));
    }

    /// <summary>Writes the payload. Once per message.</summary>
    /// <param name="payload">The payload; an empty one is not written.</param>
    public void WritePayload(ReadOnlySpan<byte> payload)
    {
        if (!payload.IsEmpty)
        {
            WriteField(MessageField.Payload, payload);
        }
    }

    /// <summary>Writes the payload's tag and length and returns the room for its bytes, so that a decoder can
    /// write straight into the message.</summary>
    /// <param name="length">The exact size, in bytes.</param>
    /// <returns>The room, to be filled before the next call.</returns>
    public Span<byte> ReservePayload(int length) => Reserve(MessageField.Payload, length);

    /// <summary>Writes one metadata entry. Keys must differ: the caller sees to it.</summary>
    /// <param name="key">The key, UTF-8.</param>
    /// <param name="value">The value, UTF-8.</param>
    public void WriteMetadata(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var entry = new ProtoFieldWriter(Reserve(
            MessageField.Metadata, ProtoFieldWriter.LengthOf(MapEntry.Key, key.Length) + ProtoFieldWriter.LengthOf(MapEntry.Value, value.Length)));
        entry.WriteBytes(MapEntry.Key, key);
        entry.WriteBytes(MapEntry.Value, value);
        MetadataCount++;
        MetadataLength += key.Length + value.Length;
    }

    /// <summary>Writes when the message was accepted. Once per message.</summary>
    /// <param name="timestamp">The time.</param>
    public void WriteTimestamp(MessageTimestamp timestamp)
    {
        Span<byte> encoded = stackalloc byte[MessageTimestamp.MaxEncodedLength];
        WriteField(MessageField.Timestamp, encoded[..timestamp.Encode(encoded)]);
    }

    /// <summary>Ends the message.</summary>
    /// <returns>The message; it shares the encoder's buffer, which is not written to any more.</returns>
    public EncodedMessage Build() => new(_buffer.AsMemory(0, _length));

    private void WriteField(MessageField field, ReadOnlySpan<byte> value) => value.CopyTo(Reserve(field, value.Length));

    private Span<byte> Reserve(MessageField field, int length)
    {
        var needed = _length + ProtoFieldWriter.LengthOf((int)field, length);
        if (needed > _buffer.Length)
        {
            Grow(needed);
        }

        var writer = new ProtoFieldWriter(_buffer.AsSpan(_length));
        var room = writer.Reserve((int)field, length);
        _length = needed;
        return room;
    }

    private void Grow(int needed)
    {
        // The id's memory stays valid: it points into the old buffer, whose bytes never change again.
        var larger = GC.AllocateUninitializedArray<byte>(Math.Max(needed, _buffer.Length * 2));
        _buffer.AsSpan(0, _length).CopyTo(larger);
        _buffer = larger;
    }
}
