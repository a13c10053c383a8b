using System.Buffers;
using System.Globalization;
using System.Text;
using EventBroker.Nats.Messages;
using EventBroker.Sdk.Messages;
using NATS.Client.Core;

namespace EventBroker.Transport.Nats.Messages;

/// <summary>A message as any NATS client sees it: the payload is the payload, and headers carry the rest. A metadata entry is a header of
/// its own name where it can be one; what NATS or its clients would change goes, percent-encoded, into one that is numbered.</summary>
internal static class WireHeaders
{
    public const string Attempts = "Eb-Attempts";

    private const string Source = "Eb-Source";
    private const string Time = "Eb-Time";
    private const string Encoded = "Eb-Meta-";
    private const string EncodedId = "Eb-Id-Encoded";
    private const string EncodedSource = "Eb-Source-Encoded";
    private const string ForeignSource = "nats";

    /// <summary>Makes the headers of a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="attempts">How often it was handed over already; 0 for a new one.</param>
    public static NatsHeaders Write(EncodedMessage message, int attempts)
    {
        var headers = new NatsHeaders(8);
        var reader = message.CreateReader();
        var numbered = 0;
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case MessageField.Id:
                    PutOwn(HeaderNames.MessageId, EncodedId, Encoding.UTF8.GetString(reader.Value));
                    break;
                case MessageField.Source:
                    PutOwn(Source, EncodedSource, Encoding.UTF8.GetString(reader.Value));
                    break;
                case MessageField.Timestamp:
                    headers[Time] = string.Create(CultureInfo.InvariantCulture, $"{reader.Timestamp.Seconds}.{reader.Timestamp.Nanoseconds:d9}");
                    break;
                case MessageField.Metadata:
                    Put(Encoding.UTF8.GetString(reader.Key), Encoding.UTF8.GetString(reader.Value));
                    break;
            }
        }

        if (attempts > 0)
        {
            headers[Attempts] = attempts.ToString(CultureInfo.InvariantCulture);
        }

        return headers;

        void PutOwn(string key, string encodedKey, string value) =>
            headers[IsValue(value) ? key : encodedKey] = IsValue(value) ? value : Uri.EscapeDataString(value);

        void Put(string key, string value)
        {
            if (IsKey(key) && IsValue(value) && !headers.ContainsKey(key))
            {
                headers[key] = value;
            }
            else
            {
                headers[string.Create(CultureInfo.InvariantCulture, $"{Encoded}{numbered++}")] = $"{Uri.EscapeDataString(key)}={Uri.EscapeDataString(value)}";
            }
        }
    }

    /// <summary>Reads a message, another client's as well.</summary>
    /// <param name="headers">The encoded headers; empty for none.</param>
    /// <param name="payload">The payload.</param>
    /// <param name="now">The time of a message that brings none.</param>
    /// <param name="attempts">How often it was handed over already.</param>
    public static EncodedMessage Read(ReadOnlySequence<byte> headers, ReadOnlySequence<byte> payload, DateTimeOffset now, out int attempts)
    {
        attempts = 0;
        var encoder = new MessageEncoder((int)(payload.Length + headers.Length) + 64);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        string? source = null;
        MessageTimestamp? time = null;
        foreach (var line in Encoding.UTF8.GetString(headers).Split("\r\n").Skip(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0)
            {
                continue;
            }

            var (key, value) = (line[..colon], line[(colon + 1)..].Trim(' '));
            switch (key)
            {
                case HeaderNames.MessageId or EncodedId when !encoder.HasId:
                    encoder.WriteId(Encoding.UTF8.GetBytes(key == EncodedId ? Uri.UnescapeDataString(value) : value));
                    break;
                case Source or EncodedSource when source is null:
                    source = key == EncodedSource ? Uri.UnescapeDataString(value) : value;
                    break;
                case Time when time is null && TryReadTime(value, out var read):
                    time = read;
                    break;
                case Attempts:
                    _ = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out attempts);
                    break;
                default:
                    ReadEntry(metadata, key, value);
                    break;
            }
        }

        if (!encoder.HasId)
        {
            encoder.WriteId(Encoding.ASCII.GetBytes(Guid.NewGuid().ToString("n")));
        }

        // Without a time it is another client's.
        encoder.WriteSource(source ?? (time is null ? ForeignSource : ""));
        foreach (var (key, value) in metadata)
        {
            encoder.WriteMetadata(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value));
        }

        encoder.WritePayload(payload.ToArray());
        encoder.WriteTimestamp(time ?? MessageTimestamp.From(now));
        return encoder.Build();
    }

    private static void ReadEntry(Dictionary<string, string> metadata, string key, string value)
    {
        if (key.StartsWith(Encoded, StringComparison.Ordinal) && value.IndexOf('=', StringComparison.Ordinal) is var equals and >= 0)
        {
            key = Uri.UnescapeDataString(value[..equals]);
            value = Uri.UnescapeDataString(value[(equals + 1)..]);
        }

        // Other clients may repeat a header.
        metadata[key] = metadata.TryGetValue(key, out var before) ? before + ',' + value : value;
    }

    private static bool TryReadTime(string text, out MessageTimestamp time)
    {
        time = default;
        if (text.Split('.') is not [var seconds, { Length: 9 } nanoseconds]
            || !long.TryParse(seconds, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)
            || !int.TryParse(nanoseconds, NumberStyles.None, CultureInfo.InvariantCulture, out var rest))
        {
            return false;
        }

        time = new MessageTimestamp(whole, rest);
        return true;
    }

    // What begins like this means something to the servers, or to this broker.
    private static bool IsKey(string key) =>
        key.Length > 0
        && !key.AsSpan().ContainsAnyExceptInRange('!', '~') && !key.Contains(':', StringComparison.Ordinal)
        && !key.StartsWith("Nats-", StringComparison.OrdinalIgnoreCase) && !key.StartsWith("Eb-", StringComparison.OrdinalIgnoreCase);

    private static bool IsValue(string value)
    {
        foreach (var c in value)
        {
            if (char.IsControl(c))
            {
                return false;
            }
        }

        return value.Length == 0 || (!char.IsWhiteSpace(value[0]) && !char.IsWhiteSpace(value[^1]));
    }
}
