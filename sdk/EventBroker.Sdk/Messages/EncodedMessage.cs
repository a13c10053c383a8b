using System.Text;

namespace EventBroker.Sdk.Messages;

/// <summary>A message in the form in which it travels and is stored: the protobuf bytes of the fields id,
/// source, payload, metadata and timestamp of <c>event.v1.Message</c>, each at most once (metadata: once per
/// key), in any order. Immutable; any number of subscribers share the same bytes.</summary>
/// <remarks>Transports store and return <see cref="Bytes"/> as they are. Whoever looks into a message decodes
/// only what it needs, either by the getters, each of which walks over the fields once, or by
/// <see cref="CreateReader"/>. Bytes that a broker or <see cref="MessageEncoder"/> made are well formed;
/// bytes from elsewhere are to be checked before they get here.</remarks>
public readonly struct EncodedMessage
{
    /// <summary>Wraps encoded bytes without copying or checking them.</summary>
    /// <param name="bytes">The bytes; they must not change afterwards.</param>
    public EncodedMessage(ReadOnlyMemory<byte> bytes) => Bytes = bytes;

    /// <summary>Gets the encoded bytes.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Gets the size of the encoded form, in bytes.</summary>
    public int Length => Bytes.Length;

    /// <summary>Gets the id.</summary>
    /// <returns>The id, empty if there is none.</returns>
    public string GetId() => Encoding.UTF8.GetString(Find(MessageField.Id));

    /// <summary>Gets who published the message.</summary>
    /// <returns>The source, empty if there is none.</returns>
    public string GetSource() => Encoding.UTF8.GetString(Find(MessageField.Source));

    /// <summary>Gets the payload without copying it.</summary>
    /// <returns>The payload, empty if there is none.</returns>
    public ReadOnlySpan<byte> GetPayload() => Find(MessageField.Payload);

    /// <summary>Gets when the broker accepted the message.</summary>
    /// <returns>The time, or the Unix epoch if there is none.</returns>
    public MessageTimestamp GetTimestamp()
    {
        var reader = CreateReader();
        while (reader.Read())
        {
            if (reader.Field == MessageField.Timestamp)
            {
                return reader.Timestamp;
            }
        }

        return default;
    }

    /// <summary>Gets the metadata as a new dictionary.</summary>
    /// <returns>All entries, compared by ordinal; empty if there are none.</returns>
    public IReadOnlyDictionary<string, string> GetMetadata()
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        var reader = CreateReader();
        while (reader.Read())
        {
            if (reader.Field == MessageField.Metadata)
            {
                metadata[Encoding.UTF8.GetString(reader.Key)] = Encoding.UTF8.GetString(reader.Value);
            }
        }

        return metadata;
    }

    /// <summary>Gets one metadata value.</summary>
    /// <param name="key">The key, compared by ordinal.</param>
    /// <returns>The value, or null if the message has no such key.</returns>
    public string? GetMetadata(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var reader = CreateReader();
        while (reader.Read())
        {
            if (reader.Field == MessageField.Metadata && Encoding.UTF8.GetString(reader.Key) == key)
            {
                return Encoding.UTF8.GetString(reader.Value);
            }
        }

        return null;
    }

    /// <summary>Begins a walk over the fields.</summary>
    /// <returns>A reader before the first field.</returns>
    public EncodedMessageReader CreateReader() => new(Bytes.Span);

    private ReadOnlySpan<byte> Find(MessageField field)
    {
        var reader = CreateReader();
        while (reader.Read())
        {
            if (reader.Field == field)
            {
                return reader.Value;
            }
        }

        return default;
    }
}
