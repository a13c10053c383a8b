using System.Text;
using System.Text.Unicode;
using EventBroker.Sdk.Messages;
using EventBroker.Transport.Redis.Settings;
using StackExchange.Redis;

namespace EventBroker.Transport.Redis.Messages;

/// <summary>Makes messages out of entries: those of a broker, which have one field with the encoded message, and those of other programs.</summary>
internal sealed class EntryReader(RedisSettings settings)
{
    private const string ForeignSource = "redis";

    private static readonly RedisValue Encoded = "m";

    /// <summary>Reads an entry. Whatever it holds becomes a message: an entry that nobody understands must not stop those behind it.</summary>
    /// <param name="id">The entry's id.</param>
    /// <param name="fields">Its fields and values in turn.</param>
    public EncodedMessage Read(Position id, RedisResult fields)
    {
        if (fields.Length == 2 && (RedisValue)fields[0] == Encoded)
        {
            var bytes = (ReadOnlyMemory<byte>)(RedisValue)fields[1];
            if (IsMessage(bytes.Span))
            {
                return new EncodedMessage(bytes);
            }
        }

        return ReadForeign(id, fields);
    }

    private EncodedMessage ReadForeign(Position id, RedisResult fields)
    {
        var encoder = new MessageEncoder();
        ReadOnlyMemory<byte> messageId = default, source = default, payload = default;
        var metadata = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        for (var i = 0; i + 1 < fields.Length; i += 2)
        {
            var name = ((RedisValue)fields[i]).ToString();
            var value = (ReadOnlyMemory<byte>)(RedisValue)fields[i + 1];
            if (name == settings.PayloadField)
            {
                payload = value;
            }
            else if (name == settings.IdField)
            {
                messageId = ToText(value);
            }
            else if (name == settings.SourceField)
            {
                source = ToText(value);
            }
            else
            {
                // A field may be there twice; a key of metadata may not.
                metadata[name] = ToText(value);
            }
        }

        encoder.WriteId(messageId.IsEmpty ? Encoding.UTF8.GetBytes(EntryId.Format(id)) : messageId.Span);
        encoder.WriteSource(source.IsEmpty ? ForeignSource : Encoding.UTF8.GetString(source.Span));
        foreach (var (key, value) in metadata)
        {
            encoder.WriteMetadata(Encoding.UTF8.GetBytes(key), value.Span);
        }

        encoder.WritePayload(payload.Span);
        encoder.WriteTimestamp(ToTimestamp(id.High));
        return encoder.Build();
    }

    // Bytes that are no text get replacement characters: metadata, ids and sources are text.
    private static ReadOnlyMemory<byte> ToText(ReadOnlyMemory<byte> value) =>
        Utf8.IsValid(value.Span) ? value : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(value.Span));

    private static MessageTimestamp ToTimestamp(ulong milliseconds)
    {
        // An explicit id may be any number.
        var clamped = (long)Math.Min(milliseconds, 253_402_300_799_999UL);
        return new MessageTimestamp(clamped / 1000, (int)(clamped % 1000) * 1_000_000);
    }

    // The bytes come from outside of this process: the broker trusts what it gets from here.
    private static bool IsMessage(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var reader = new EncodedMessageReader(bytes);
            while (reader.Read())
            {
                var isText = reader.Field switch
                {
                    MessageField.Id or MessageField.Source => Utf8.IsValid(reader.Value),
                    MessageField.Metadata => Utf8.IsValid(reader.Key) && Utf8.IsValid(reader.Value),
                    _ => true,
                };
                if (!isText)
                {
                    return false;
                }
            }

            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
