using System.Text;
using System.Text.Json;
using EventBroker.Broker.Subscribing;
using EventBroker.Endpoints.Json;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;

namespace EventBroker.Endpoints.Tests;

public sealed class MessageJsonTests
{
    private static readonly MessageTimestamp Time = new(1_767_323_045, 409_738_313);

    [Fact]
    public void A_full_message_reads_as_the_contract_shows_it()
    {
        var message = MessageEncoder.Encode("w-1", "remote", "{\"a\":1}"u8, [new("k", "v")], Time);

        var json = Write(message, retryCount: 1, missed: 3, "ack-id", "cursor");

        Assert.Equal(
            """{"type":"message","id":"w-1","source":"remote","payload":"eyJhIjoxfQ==","metadata":{"k":"v"},"timestamp":"2026-01-02T03:04:05.409738313Z","retry_count":1,"ack_id":"ack-id","cursor":"cursor","missed":3}""",
            json);
    }

    [Fact]
    public void Empty_fields_are_left_out() =>
        Assert.Equal(
            """{"type":"message","timestamp":"2026-01-02T03:04:05Z"}""",
            Write(MessageEncoder.Encode("", "", [], null, new MessageTimestamp(Time.Seconds, 0)), 0, 0, "", ""));

    [Fact]
    public void Every_character_survives_its_escaping()
    {
        var text = string.Concat(Enumerable.Range(0, 0x100).Select(static i => (char)i)) + "\u2028😀\"\\";
        var message = MessageEncoder.Encode(text, text, Encoding.UTF8.GetBytes(text), [new(text, text), new("", "")], Time);

        using var document = JsonDocument.Parse(Write(message, 0, 0, text[..0x7F], ""));

        var root = document.RootElement;
        Assert.Equal(text, root.GetProperty("id").GetString());
        Assert.Equal(text, root.GetProperty("source").GetString());
        Assert.Equal(text, root.GetProperty("metadata").GetProperty(text).GetString());
        Assert.Equal("", root.GetProperty("metadata").GetProperty("").GetString());
        Assert.Equal(text, Encoding.UTF8.GetString(root.GetProperty("payload").GetBytesFromBase64()));
    }

    [Theory]
    [InlineData(0, "2026-01-02T03:04:05Z")]
    [InlineData(500_000_000, "2026-01-02T03:04:05.5Z")]
    [InlineData(1, "2026-01-02T03:04:05.000000001Z")]
    [InlineData(120_000, "2026-01-02T03:04:05.00012Z")]
    [InlineData(999_999_999, "2026-01-02T03:04:05.999999999Z")]
    public void Trailing_zeros_of_a_second_are_left_out(int nanoseconds, string expected)
    {
        Span<byte> room = stackalloc byte[Rfc3339.MaxLength];

        var written = Rfc3339.Write(new MessageTimestamp(Time.Seconds, nanoseconds), room);

        Assert.Equal(expected, Encoding.ASCII.GetString(room[..written]));
    }

    [Theory]
    [InlineData(-62_135_596_800, "0001-01-01T00:00:00Z")]
    [InlineData(253_402_300_799, "9999-12-31T23:59:59Z")]
    [InlineData(-62_135_596_801, "")]
    [InlineData(253_402_300_800, "")]
    public void A_time_that_the_form_cannot_express_is_left_out(long seconds, string expected)
    {
        Span<byte> room = stackalloc byte[Rfc3339.MaxLength];

        var written = Rfc3339.Write(new MessageTimestamp(seconds, 0), room);

        Assert.Equal(expected, Encoding.ASCII.GetString(room[..written]));
    }

    [Fact]
    public void Two_subscribers_share_one_prefix_and_one_alone_has_none()
    {
        var shared = new SharedPrefixes();
        var delivery = new OutboundDelivery
        {
            Message = MessageEncoder.Encode("m", "s", [], null, Time),
            Position = new Position(1, 2),
            IsShared = true,
        };
        var first = shared.Enter("e");
        Assert.True(first.Get(delivery).IsEmpty);

        var second = shared.Enter("e");
        Assert.Same(first, second);
        Assert.True(first.Get(delivery) == second.Get(delivery));
        Assert.False(first.Get(delivery).IsEmpty);

        second.Leave();
        Assert.True(first.Get(delivery).IsEmpty);
        first.Leave();
        Assert.NotSame(first, shared.Enter("e"));
    }

    [Fact]
    public void Only_what_is_shared_and_not_large_is_kept_and_each_position_has_its_own()
    {
        var shared = new SharedPrefixes();
        var prefixes = shared.Enter("e");
        shared.Enter("e");

        // As far apart as there are slots, so that the second takes the place of the first.
        var first = Of("1", position: 5);
        var second = Of("2", position: 5 + 128);
        foreach (var (delivery, id) in new[] { (first, "1"), (second, "2"), (first, "1"), (first, "1") })
        {
            Assert.Contains($"\"id\":\"{id}\"", Encoding.UTF8.GetString(prefixes.Get(delivery)), StringComparison.Ordinal);
        }

        Assert.True(prefixes.Get(Of("3", position: 6, isShared: false)).IsEmpty);
        Assert.True(prefixes.Get(Of(new string('4', 64 * 1024), position: 7)).IsEmpty);

        static OutboundDelivery Of(string id, ulong position, bool isShared = true) => new()
        {
            Message = MessageEncoder.Encode(id, "s", [], null, Time),
            Position = new Position(0, position),
            IsShared = isShared,
        };
    }

    private static string Write(EncodedMessage message, int retryCount, long missed, string ackId, string cursor)
    {
        var delivery = new OutboundDelivery { Message = message, Missed = missed, RetryCount = retryCount };
        var room = new byte[MessageJson.MaxPrefixLength(message)];
        var suffix = new byte[1024];
        var length = MessageJson.WritePrefix(message, room);
        var rest = MessageJson.WriteSuffix(delivery, Encoding.UTF8.GetBytes(ackId), Encoding.UTF8.GetBytes(cursor), suffix);
        return Encoding.UTF8.GetString(room, 0, length) + Encoding.UTF8.GetString(suffix, 0, rest);
    }
}
