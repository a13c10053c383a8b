using System.Globalization;
using System.Text;
using Confluent.Kafka;
using EventBroker.Sdk.Messages;

namespace EventBroker.Transport.Kafka.Messages;

/// <summary>Makes messages of records, whoever wrote them. Nothing that can stand in a record makes it fail.</summary>
internal static class RecordReader
{
    private const string ForeignSource = "kafka";

    public static EncodedMessage Read(ConsumeResult<byte[]?, byte[]?> result, string? keyMetadata)
    {
        var record = result.Message;
        IReadOnlyList<IHeader> headers = record.Headers?.BackingList ?? [];
        foreach (var header in headers)
        {
            if (header.Key == HeaderNames.Id)
            {
                return ReadOwn(record, headers);
            }
        }

        return ReadForeign(result, headers, keyMetadata ?? HeaderNames.ForeignKey);
    }

    private static EncodedMessage ReadOwn(Message<byte[]?, byte[]?> record, IReadOnlyList<IHeader> headers)
    {
        var payload = record.Value ?? [];
        var encoder = new MessageEncoder(payload.Length + 192);
        MessageTimestamp? time = null;
        foreach (var header in headers)
        {
            var value = header.GetValueBytes() ?? [];
            switch (header.Key)
            {
                case HeaderNames.Id:
                    encoder.WriteId(value);
                    break;
                case HeaderNames.Source:
                    encoder.WriteSource(Encoding.UTF8.GetString(value));
                    break;
                case HeaderNames.Time:
                    time = ParseTime(value);
                    break;
                default:
                    var name = header.Key.StartsWith(HeaderNames.MetadataPrefix, StringComparison.Ordinal)
                        ? Uri.UnescapeDataString(header.Key[HeaderNames.MetadataPrefix.Length..])
                        : header.Key;
                    encoder.WriteMetadata(Encoding.UTF8.GetBytes(name), value);
                    break;
            }
        }

        encoder.WritePayload(payload);
        encoder.WriteTimestamp(time ?? FromRecord(record.Timestamp));
        return encoder.Build();
    }

    private static EncodedMessage ReadForeign(ConsumeResult<byte[]?, byte[]?> result, IReadOnlyList<IHeader> headers, string keyName)
    {
        var record = result.Message;
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        if (record.Key is not null)
        {
            metadata[keyName] = Encoding.UTF8.GetString(record.Key);
        }

        if (record.Value is null)
        {
            metadata[HeaderNames.Tombstone] = "true";
        }

        foreach (var header in headers)
        {
            // A name may stand there more than once, and a value may be any bytes: what is no text is shown as far as it is one.
            var value = Encoding.UTF8.GetString(header.GetValueBytes() ?? []);
            metadata[header.Key] = metadata.TryGetValue(header.Key, out var before) && header.Key != keyName ? before + "," + value : value;
        }

        var id = string.Create(CultureInfo.InvariantCulture, $"{result.Topic}/{result.Partition.Value}/{result.Offset.Value}");
        return MessageEncoder.Encode(id, ForeignSource, record.Value, metadata, FromRecord(record.Timestamp));
    }

    private static MessageTimestamp FromRecord(Timestamp timestamp)
    {
        var (seconds, milliseconds) = Math.DivRem(Math.Max(timestamp.UnixTimestampMs, 0), 1_000);
        return new MessageTimestamp(seconds, (int)milliseconds * 1_000_000);
    }

    private static MessageTimestamp? ParseTime(ReadOnlySpan<byte> text)
    {
        var point = text.IndexOf((byte)'.');
        return point > 0
            && long.TryParse(text[..point], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds)
            && int.TryParse(text[(point + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var nanoseconds)
            && nanoseconds < 1_000_000_000
                ? new MessageTimestamp(seconds, nanoseconds)
                : null;
    }
}
