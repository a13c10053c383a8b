using EventBroker.Sdk.Messages;
using FsCheck.Xunit;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace EventBroker.Sdk.Tests.Messages;

public sealed class MessageTimestampTests
{
    [Property]
    public void The_encoded_form_is_protobufs(long seconds, uint nanoseconds)
    {
        var timestamp = new MessageTimestamp(seconds, (int)(nanoseconds % 1_000_000_000));
        Span<byte> encoded = stackalloc byte[MessageTimestamp.MaxEncodedLength];
        encoded = encoded[..timestamp.Encode(encoded)];
        var expected = new Timestamp { Seconds = seconds, Nanos = timestamp.Nanoseconds }.ToByteArray();
        Assert.Equal(expected, encoded.ToArray());
        Assert.Equal(timestamp, MessageTimestamp.Decode(encoded));
        Assert.True(timestamp == MessageTimestamp.Decode(encoded));
    }

    [Property]
    public void A_time_survives_the_way_there_and_back(long ticks)
    {
        var time = new DateTimeOffset((long)((ulong)ticks % (ulong)DateTimeOffset.MaxValue.Ticks), TimeSpan.Zero);
        var timestamp = MessageTimestamp.From(time);
        Assert.Equal(time, timestamp.ToDateTimeOffset());
        Assert.Equal(Timestamp.FromDateTimeOffset(time), new Timestamp { Seconds = timestamp.Seconds, Nanos = timestamp.Nanoseconds });
    }

    [Fact]
    public void Times_in_other_zones_are_the_same_points_in_time()
    {
        var time = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(5.5));
        Assert.Equal(MessageTimestamp.From(time.ToUniversalTime()), MessageTimestamp.From(time));
        Assert.True(MessageTimestamp.From(time) != default);
    }

    [Theory]
    [InlineData("08")]
    [InlineData("0880")]
    [InlineData("0B")]
    [InlineData("1A05")]
    public void Bytes_that_are_no_timestamp_are_refused(string hex) =>
        Assert.Throws<FormatException>(() => MessageTimestamp.Decode(Convert.FromHexString(hex)));
}
