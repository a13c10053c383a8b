using System.Text;
using EventBroker.Endpoints.Grpc;
using EventBroker.Endpoints.Http;
using EventBroker.Endpoints.Json;
using EventBroker.Endpoints.Rest;
using EventBroker.Endpoints.WebSockets;
using EventBroker.Protos.Event.V1;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using FsCheck.Xunit;

namespace EventBroker.Endpoints.Tests;

// Whatever comes is read, or is the caller's fault: no reader throws anything else.
public sealed class AnyBytesTests
{
    private const int Most = 8;

    // Out of which most of what is almost right can be made.
    private static readonly string[] Tokens =
    [
        "{", "}", "[", "]", ",", ":", "\"entries\"", "\"ack_id\"", "\"ackId\"", "\"error\"", "\"nack_delay\"", "\"extend\"", "\"type\"", "\"ack\"",
        "\"results\"", "\"id\"", "\"payload\"", "\"metadata\"", "\"event\"", "\"5s\"", "\"aGVsbG8\"", "null", "true", "1e999", "-0",
        "\"\\ud800\"", "\"\\ud83d\\ude00\"", "\"\\u0000\"", "\"\\/-_=\"", " ", "\t",
    ];

    private static readonly byte[][] Fields =
    [
        [0x0A], [0x12], [0x1A], [0x22], [0x08], [0x10], [0xA2, 0x06], [0x32, 0x22], [0x2A, 0x03], [0x0B], [0x0C], [0x0D], [0x09], [0x00], [0x01], [0x02],
        [0x03], [0x7F], [0xFF], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], [0xFF, 0xFF, 0xFF, 0xFF, 0x07], "e"u8.ToArray(), [0xC3], [0xED, 0xA0, 0x80],
    ];

    [Property(MaxTest = 300)]
    public void Any_bytes_as_JSON(byte[] bytes) => ReadJson(bytes);

    [Property(MaxTest = 1000)]
    public void Any_tokens_as_JSON(byte[] picks) => ReadJson(Encoding.UTF8.GetBytes(string.Concat(picks.Select(static p => Tokens[p % Tokens.Length]))));

    [Property(MaxTest = 1000)]
    public void Any_tokens_in_an_object(byte[] picks) =>
        ReadJson(Encoding.UTF8.GetBytes($"{{\"entries\":[{{{string.Join(',', picks.Chunk(2).Select(static p => $"{Tokens[p[0] % Tokens.Length]}:{Tokens[p[^1] % Tokens.Length]}"))}}}]}}"));

    [Property(MaxTest = 1000)]
    public void Any_fields_in_an_object(byte[] picks) =>
        ReadJson(Encoding.UTF8.GetBytes($"{{{string.Join(',', picks.Chunk(2).Select(static p => $"{Tokens[p[0] % Tokens.Length]}:{Tokens[p[^1] % Tokens.Length]}"))}}}"));

    [Property(MaxTest = 300)]
    public void Any_bytes_as_protobuf(byte[] bytes) => ReadProtobuf(bytes);

    [Property(MaxTest = 1000)]
    public void Any_fields_as_protobuf(byte[] picks) => ReadProtobuf([.. picks.SelectMany(static p => Fields[p % Fields.Length])]);

    [Property(MaxTest = 1000)]
    public void Any_text_as_a_duration_or_a_time(string? text, byte[] picks)
    {
        string[] parts = ["2026-01-02T03", ":", "04", "05", ".", "Z", "+", "-", "1", "h", "ms", "99999999999999999999", "00", "T"];
        foreach (var any in new[] { text ?? "", string.Concat(picks.Select(p => parts[p % parts.Length])) })
        {
            _ = SignedDuration.TryParse(any, out _);
            _ = Rfc3339.TryParse(any, out _);
        }
    }

    [Theory]
    [InlineData("2026-01-02T03:+4::5.")]
    [InlineData("2026-01-02T03:04:05.")]
    [InlineData("2026-01-02T03:04:05.Z")]
    [InlineData("2026-02-29T03:04:05Z")]
    [InlineData("2026-01-02T24:04:05Z")]
    [InlineData("2026-01-02T03:04:05+24:00")]
    [InlineData("2026-01-02T03:04:05+0100")]
    [InlineData("2026-01-02 03:04:05Z")]
    [InlineData("0001-01-01T00:00:00+01:00")]
    [InlineData("9999-12-31T23:59:59-01:00")]
    [InlineData("0000-01-01T00:00:00Z")]
    [InlineData("2026-00-02T03:04:05Z")]
    [InlineData("2026-13-02T03:04:05Z")]
    [InlineData("2026-01-00T03:04:05Z")]
    [InlineData("2026-01-02T03:60:05Z")]
    [InlineData("2026-01-02T03:04:60Z")]
    [InlineData("2026-01-02T03:04:05")]
    [InlineData("2026-01-02T03:04:05+1:00")]
    [InlineData("2026-01-02T03:04:05+01:60")]
    [InlineData("2026-01-02T03:04:05*01:00")]
    [InlineData("2026-01-02T03:04:05+01:00Z")]
    [InlineData("2026-01-02T03:04:05+01.00")]
    public void What_is_no_time_is_refused(string text) => Assert.False(Rfc3339.TryParse(text, out _));

    [Theory]
    [InlineData("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.0000000+00:00")]
    [InlineData("2026-01-02t03:04:05z", "2026-01-02T03:04:05.0000000+00:00")]
    [InlineData("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.0000000+00:00")]
    [InlineData("9999-12-31T23:59:59.99999999Z", "9999-12-31T23:59:59.9999999+00:00")]
    [InlineData("2026-01-02T03:04:05.5Z", "2026-01-02T03:04:05.5000000+00:00")]
    [InlineData("2026-01-02T03:04:05.123456789+01:30", "2026-01-02T01:34:05.1234567+00:00")]
    [InlineData("2026-01-02T03:04:05-23:59", "2026-01-03T03:03:05.0000000+00:00")]
    public void A_time_is_read(string text, string expected)
    {
        Assert.True(Rfc3339.TryParse(text, out var time));
        Assert.Equal(expected, time.ToString("O", System.Globalization.CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("""{"\ud800":1}""")]
    [InlineData("""{"metadata":{"\ud800":""}}""")]
    [InlineData("""{"id":"\udc00"}""")]
    [InlineData("""{"entries":[{"\ud800":1}]}""")]
    [InlineData("""{"type":"ack","\ud800":1}""")]
    public void Half_of_a_surrogate_pair_is_the_callers_fault(string json)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        Assert.Contains("half of a surrogate pair", Assert.Throws<BrokerException>(() => JsonFields.Check(bytes)).Message, StringComparison.Ordinal);
        ReadJson(bytes);
    }

    [Theory]
    [InlineData("ack_id", "nack_delay")]
    [InlineData("ackId", "nackDelay")]
    public void A_frame_of_a_WebSocket_and_an_entry_of_REST_are_read_alike(string ackId, string delay)
    {
        var fields = $"\"{ackId}\":\"x\",\"error\":\"e\",\"{delay}\":\"5s\"";

        var frame = ClientFrame.Parse(Encoding.UTF8.GetBytes($"{{\"type\":\"ack\",{fields}}}"));
        var entry = Assert.Single(AckJson.Decode(Encoding.UTF8.GetBytes($"{{\"entries\":[{{{fields}}}]}}"), Most));

        Assert.Equal("x", frame.AckId);
        Assert.Equal((entry.Settlement, entry.Time, entry.Error, entry.Result), (frame.Entry.Settlement, frame.Entry.Time, frame.Entry.Error, frame.Entry.Result));
        Assert.Equal((TimeSpan.FromSeconds(5), "e"), (entry.Time, entry.Error));
    }

    private static void ReadJson(byte[] bytes)
    {
        IsReadOrRefused(() => PublishJson.Decode(bytes));
        IsReadOrRefused(() => AckJson.Decode(bytes, Most));
        IsReadOrRefused(() => ClientFrame.Parse(bytes));
        IsReadOrRefused(() =>
        {
            JsonFields.Check(bytes);
            return bytes;
        });
    }

    private static void ReadProtobuf(byte[] bytes)
    {
        IsReadOrRefused(() => AckDecoder.Decode(bytes, Most).Value);
        IsReadOrRefused(() => BatchDecoder.Decode(bytes, Most).Value);
        IsReadOrRefused(() => ProtoDuration.TryRead(bytes, out _));
        IsReadOrRefused(() => PublishDecoder.Decode(bytes) is { Fault: { } fault } ? throw fault : bytes);

        // What was taken is what generated code reads.
        if (PublishDecoder.Decode(bytes) is { Fault: null } call)
        {
            var expected = PublishRequest.Parser.ParseFrom(bytes);
            var message = call.Message!.Build();
            Assert.Equal((expected.Event, expected.Id), (call.EventName, message.GetId()));
            Assert.Equal(expected.Payload.Span, message.GetPayload());
            Assert.Equal(expected.Metadata.ToDictionary(), message.GetMetadata().ToDictionary());
        }
    }

    private static void IsReadOrRefused<T>(Func<T> read)
    {
        try
        {
            read();
        }
        catch (BrokerException fault)
        {
            Assert.Contains(fault.Code, new[] { BrokerErrorCode.InvalidArgument, BrokerErrorCode.ResourceExhausted });
        }
    }
}
