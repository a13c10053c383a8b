using System.Text;
using EventBroker.Protos.Event.V1;
using EventBroker.Sdk.Messages;
using FsCheck;
using FsCheck.Xunit;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace EventBroker.Sdk.Tests.Messages;

public sealed class EncodedMessageTests
{
    [Property(MaxTest = 500)]
    public void What_was_encoded_is_what_protobuf_reads(
        string? id, string? source, byte[] payload, Dictionary<NonNull<string>, NonNull<string>> metadata, uint seconds, uint nanoseconds)
    {
        var timestamp = new MessageTimestamp(seconds, (int)(nanoseconds % 1_000_000_000));
        var entries = Entries(metadata);
        var encoded = MessageEncoder.Encode(Valid(id), Valid(source), payload, entries, timestamp);

        var message = Message.Parser.ParseFrom(encoded.Bytes.Span);
        Assert.Equal(Valid(id), message.Id);
        Assert.Equal(Valid(source), message.Source);
        Assert.Equal(payload, message.Payload.ToByteArray());
        Assert.Equal(entries, message.Metadata);
        Assert.Equal(timestamp, new MessageTimestamp(message.Timestamp.Seconds, message.Timestamp.Nanos));
    }

    [Property(MaxTest = 500)]
    public void What_protobuf_wrote_is_what_is_read(
        string? id, string? source, byte[] payload, Dictionary<NonNull<string>, NonNull<string>> metadata, uint seconds)
    {
        // Fields that stand after those of a stored message, or that a later version adds, are passed over.
        var message = new Message
        {
            Id = Valid(id),
            Source = Valid(source),
            Payload = ByteString.CopyFrom(payload),
            Timestamp = new Timestamp { Seconds = seconds, Nanos = 409_738_313 },
            RetryCount = 3,
            AckId = "a",
            Cursor = "c",
            Missed = -1,
        };
        message.Metadata.Add(Entries(metadata));
        var encoded = new EncodedMessage(message.ToByteArray());
        Assert.Equal(message.Id, encoded.GetId());
        Assert.Equal(message.Source, encoded.GetSource());
        Assert.Equal(payload, encoded.GetPayload().ToArray());
        Assert.Equal(Entries(metadata), encoded.GetMetadata());
        Assert.Equal(new MessageTimestamp(seconds, 409_738_313), encoded.GetTimestamp());
        Assert.All(message.Metadata, entry => Assert.Equal(entry.Value, encoded.GetMetadata(entry.Key)));
        Assert.Null(encoded.GetMetadata("no such key, surely"));
    }

    [Property(MaxTest = 2_000)]
    public void Any_bytes_are_read_to_their_end_or_refused_as_malformed(byte[] bytes) => ReadAll(bytes);

    [Property(MaxTest = 2_000)]
    public void A_damaged_message_is_read_to_its_end_or_refused_as_malformed(int at, byte value, int cut)
    {
        var bytes = MessageEncoder.Encode(
            "id", "source", new byte[300], [new("key", "value"), new("", "")], new MessageTimestamp(1_767_323_045, 5)).Bytes.ToArray();
        bytes[(int)((uint)at % bytes.Length)] = value;
        ReadAll(bytes.AsSpan(0, bytes.Length - (int)((uint)cut % 20)));
    }

    [Theory]
    [InlineData("80")] // a tag that does not end
    [InlineData("0AFFFFFFFFFFFFFFFFFFFF01")] // a length of eleven bytes
    [InlineData("0AFFFFFFFFFFFFFFFF7F")] // a length beyond any memory
    [InlineData("0A05616263")] // a value that ends too soon
    [InlineData("0B")] // a group
    [InlineData("31000000")] // eight fixed bytes of which three are there
    [InlineData("3500")] // four fixed bytes of which one is there
    [InlineData("22020A05")] // a metadata key that leaves its entry
    [InlineData("22010B")] // a group in a metadata entry
    [InlineData("2A0108")] // a timestamp that ends too soon
    public void Malformed_bytes_are_refused(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        Assert.Throws<FormatException>(() => ReadToEnd(bytes));
    }

    [Fact]
    public void Empty_fields_are_not_written_but_empty_metadata_is()
    {
        var encoded = MessageEncoder.Encode("", "", [], [new("", "")], default);
        var expected = new Message { Metadata = { [""] = "" }, Timestamp = new Timestamp() };
        Assert.Equal(expected, Message.Parser.ParseFrom(encoded.Bytes.Span));

        // An entry with two empty texts (6 bytes; generated code leaves even those out) and an empty timestamp.
        Assert.Equal(Convert.FromHexString("22040A0012002A00"), encoded.Bytes.ToArray());
        Assert.Equal("", encoded.GetMetadata(""));
        Assert.Equal("", new EncodedMessage(default).GetId());
        Assert.Equal(default, new EncodedMessage(default).GetTimestamp());
    }

    [Fact]
    public void The_encoder_counts_what_limits_need_and_hands_its_id_out_for_good()
    {
        var encoder = new MessageEncoder(capacity: 0);
        Assert.False(encoder.HasId);
        encoder.WriteId("first"u8);
        var id = encoder.Id;
        encoder.WriteMetadata("key"u8, "value"u8);
        encoder.WriteMetadata("k"u8, ""u8);
        "payload"u8.CopyTo(encoder.ReservePayload(7));
        encoder.WriteSource(new string('s', 10_000));
        Assert.True(encoder.HasId);
        Assert.Equal(2, encoder.MetadataCount);
        Assert.Equal(9, encoder.MetadataLength);
        Assert.Equal("first", Encoding.UTF8.GetString(id.Span));
        var length = encoder.Length;
        var message = encoder.Build();
        Assert.Equal(length, message.Length);
        Assert.Equal("payload"u8, message.GetPayload());
    }

    private static Dictionary<string, string> Entries(Dictionary<NonNull<string>, NonNull<string>> metadata)
    {
        var entries = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in metadata)
        {
            entries[Valid(key.Get)] = Valid(value.Get);
        }

        return entries;
    }

    // Generated strings may hold half a surrogate pair, which UTF-8 can't.
    private static string Valid(string? text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text ?? ""));

    private static void ReadAll(ReadOnlySpan<byte> bytes)
    {
        try
        {
            ReadToEnd(bytes);
        }
        catch (FormatException)
        {
            // The one answer to malformed bytes; anything else fails the test.
        }
    }

    private static void ReadToEnd(ReadOnlySpan<byte> bytes)
    {
        var reader = new EncodedMessageReader(bytes);
        for (var fields = 0; reader.Read(); fields++)
        {
            Assert.True(fields < bytes.Length);
        }

        Assert.Equal(MessageField.None, reader.Field);
        Assert.False(reader.Read());
    }
}
