using System.Globalization;
using System.Text;
using Confluent.Kafka;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Kafka.Messages;

/// <summary>Makes records of messages: the value is the payload, so that any Kafka client can read it; all else is in headers.</summary>
internal static class RecordWriter
{
    public static Message<byte[]?, byte[]?> Write(in TransportMessage transportMessage, string? keyMetadata)
    {
        var headers = new Headers();
        var record = new Message<byte[]?, byte[]?> { Value = [], Headers = headers };
        var isIdWritten = false;
        string? key = transportMessage.OrderingKey;
        var reader = transportMessage.Message.CreateReader();
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case MessageField.Id:
                    headers.Add(HeaderNames.Id, reader.Value.ToArray());
                    isIdWritten = true;
                    break;
                case MessageField.Source:
                    headers.Add(HeaderNames.Source, reader.Value.ToArray());
                    break;
                case MessageField.Payload:
                    record.Value = reader.Value.ToArray();
                    break;
                case MessageField.Timestamp:
                    WriteTime(record, headers, reader.Timestamp);
                    break;
                case MessageField.Metadata:
                    var name = Encoding.UTF8.GetString(reader.Key);
                    key ??= name == keyMetadata ? Encoding.UTF8.GetString(reader.Value) : null;
                    headers.Add(NeedsPrefix(name) ? HeaderNames.MetadataPrefix + Uri.EscapeDataString(name) : name, reader.Value.ToArray());
                    break;
                default:
                    break;
            }
        }

        if (!isIdWritten)
        {
            headers.Add(HeaderNames.Id, []);
        }

        record.Key = key is null ? null : Encoding.UTF8.GetBytes(key);
        return record;
    }

    // A name with a zero would end there for every client in C.
    private static bool NeedsPrefix(string name) =>
        name.Length == 0 || name.StartsWith(HeaderNames.Prefix, StringComparison.Ordinal) || name.Contains('\0', StringComparison.Ordinal);

    private static void WriteTime(Message<byte[]?, byte[]?> record, Headers headers, MessageTimestamp time)
    {
        Span<byte> text = stackalloc byte[40];
        string.Create(CultureInfo.InvariantCulture, $"{time.Seconds}.{time.Nanoseconds:D9}").AsSpan().TryToUtf8(text, out var length);
        headers.Add(HeaderNames.Time, text[..length].ToArray());

        // Kafka takes no time before 1970.
        var milliseconds = (time.Seconds * 1_000) + (time.Nanoseconds / 1_000_000);
        record.Timestamp = milliseconds >= 0 ? new Timestamp(milliseconds, TimestampType.CreateTime) : Timestamp.Default;
    }

    private static void TryToUtf8(this ReadOnlySpan<char> text, Span<byte> destination, out int length) =>
        length = Encoding.ASCII.GetBytes(text, destination);
}
