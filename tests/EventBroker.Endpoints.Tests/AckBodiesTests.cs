using System.Text;
using EventBroker.Broker.Settling;
using EventBroker.Endpoints.Grpc;
using EventBroker.Endpoints.Rest;
using EventBroker.Endpoints.WebSockets;
using EventBroker.Protos.Event.V1;
using EventBroker.Sdk.Errors;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace EventBroker.Endpoints.Tests;

// Settlements as they come, in JSON and in protobuf.
public sealed class AckBodiesTests
{
    private const int Most = 3;

    [Theory]
    [InlineData("null", "the body must be an object")]
    [InlineData("[]", "the body must be an object")]
    [InlineData("""{"entries":{}}""", "entries must be an array")]
    [InlineData("""{"entries":"a"}""", "entries must be an array")]
    [InlineData("""{"entries":[{},5]}""", "entry 1 must be an object")]
    [InlineData("""{"entries":[],"entries":[]}""", "entries is given twice")]
    [InlineData("""{"entries":[{"ack_id":"a","ackId":"b"}]}""", "ack_id is given twice")]
    [InlineData("""{"entries":[{"error":1}]}""", "error must be a string")]
    [InlineData("""{"entries":[{"\ud800":1}]}""", "a field's name holds half of a surrogate pair or invalid UTF-8")]
    [InlineData("""{"\ud800":1}""", "a field's name holds half of a surrogate pair or invalid UTF-8")]
    [InlineData("""{"entries":[{"error":"\ud800"}]}""", "error holds half of a surrogate pair or invalid UTF-8")]
    [InlineData("""{"entries":[{"nack_delay":"soon"}]}""", "nack_delay must be a duration such as 90s, 5m, 1h30m or 250ms")]
    [InlineData("""{"entries":[{"extend":""}]}""", "extend must be a duration such as 90s, 5m, 1h30m or 250ms")]
    [InlineData("""{"entries":[{"nack_delay":1}]}""", "nack_delay must be a string")]
    [InlineData("""{"entries":[{"extend":1}]}""", "extend must be a string")]
    [InlineData("""{"entries":[{"extend":"1s","extend":"1s"}]}""", "extend is given twice")]
    [InlineData("""{"entries":[{"repeat":1}]}""", "repeat must be true or false")]
    [InlineData("""{"entries":[{"repeat":true,"repeat":true}]}""", "repeat is given twice")]
    [InlineData("{} {}", "syntax error at line 1, byte 4")]
    public void What_is_wrong_in_JSON_is_named(string body, string what)
    {
        var fault = Assert.Throws<BrokerException>(() => FromJson(body));
        Assert.Equal((BrokerErrorCode.InvalidArgument, "invalid JSON: " + what), (fault.Code, fault.Message));
    }

    [Fact]
    public void What_is_no_UTF8_is_refused_in_JSON() => Assert.Equal(
        "invalid JSON: error is not valid UTF-8",
        Assert.Throws<BrokerException>(static () => AckJson.Decode([.. "{\"entries\":[{\"error\":\""u8, 0xFF, .. "\"}]}"u8], Most)).Message);

    [Theory]
    [InlineData("")]
    [InlineData(" \r\n\t")]
    [InlineData("{}")]
    [InlineData("""{"entries":null,"other":[1]}""")]
    [InlineData("""{"entries":[]}""")]
    public void Nothing_is_no_entry(string body) => Assert.Empty(FromJson(body));

    [Theory]
    [InlineData("""{"type":"ack","ack_id":"a"}""", "a", false)]
    [InlineData("""{"ackId":"a","type":"ack","results":false}""", "a", false)]
    [InlineData("""{"type":"ack","results":true}""", "", true)]
    public void A_frame_of_a_WebSocket_is_an_entry_that_may_want_a_result(string json, string ackId, bool wantsResult)
    {
        var frame = ClientFrame.Parse(Encoding.UTF8.GetBytes(json));

        Assert.Equal((ackId, wantsResult), (frame.AckId, frame.WantsResult));
    }

    [Fact]
    public void Whether_it_is_said_again_is_read_in_both()
    {
        Assert.Equal([true, false, false], FromJson("""{"entries":[{"repeat":true,"other":{}},{"repeat":false},{"repeat":null}]}""").Select(static e => e.IsRepeat));
        Assert.Equal(
            [true, false],
            FromProtobuf(new AckRequest { Entries = { new AckEntry { AckId = "a", Repeat = true }, new AckEntry { AckId = "b" } } }).Select(static e => e.IsRepeat));
    }

    [Theory]
    [InlineData(Most, true)]
    [InlineData(Most + 1, false)]
    public void A_call_has_so_many_at_the_most(int count, bool isRight)
    {
        var request = new AckRequest { Entries = { Enumerable.Range(0, count).Select(static i => new AckEntry { AckId = $"{i}" }) } };
        foreach (var read in new Func<SettleEntry[]>[] { () => FromProtobuf(request), () => FromJson($"{{\"entries\":[{string.Join(',', Enumerable.Repeat("{}", count))}]}}") })
        {
            if (isRight)
            {
                Assert.Equal(count, read().Length);
            }
            else
            {
                var refused = Assert.Throws<BrokerException>(read);
                Assert.Equal(
                    (BrokerErrorCode.ResourceExhausted, true, "the call has more than 3 entries, which is the limit: send them in several calls"),
                    (refused.Code, refused.IsFinal, refused.Message));
            }
        }
    }

    // After a long one fewer are expected than come.
    [Fact]
    public void Entries_of_any_length_follow_each_other()
    {
        var request = new AckRequest { Entries = { new AckEntry { Error = new string('e', 1000) }, new AckEntry { Error = "2" }, new AckEntry { Error = "3" } } };

        Assert.Equal([new string('e', 1000), "2", "3"], FromProtobuf(request).Select(static e => e.Error));
    }

    [Fact]
    public void A_duration_out_of_range_makes_its_entry_invalid_whatever_comes_behind_it()
    {
        var never = new Duration { Seconds = long.MaxValue };
        var entries = FromProtobuf(new AckRequest
        {
            Entries =
            {
                new AckEntry { NackDelay = never, Extend = Duration.FromTimeSpan(TimeSpan.FromSeconds(5)) },
                new AckEntry { Error = "e", NackDelay = never },
                new AckEntry { Extend = never },
            },
        });

        Assert.All(entries, static entry => Assert.Equal(SettleResult.Invalid, entry.Result));
    }

    // The last one counts in protobuf, and none of these can be meant.
    [Fact]
    public void A_duration_out_of_range_is_none_the_second_time_either()
    {
        var never = new Duration { Seconds = long.MaxValue };
        foreach (var field in new[] { new AckEntry { NackDelay = never }, new AckEntry { Extend = never } })
        {
            byte[] entry = [.. field.ToByteArray(), .. field.ToByteArray()];

            Assert.Equal(SettleResult.Invalid, Assert.Single(AckDecoder.Decode([0x0A, (byte)entry.Length, .. entry], Most).Value.Entries.ToArray()).Result);
        }
    }

    // 15: 0 and 16: "a", of a later contract.
    [Fact]
    public void Unknown_fields_are_passed_over()
    {
        byte[] unknown = [0x78, 0x00, 0x82, 0x01, 0x01, (byte)'a'];
        byte[] entry = [.. new AckEntry { Error = "e", Repeat = true }.ToByteArray(), .. unknown];
        byte[] request = [.. unknown, 0x0A, (byte)entry.Length, .. entry, .. unknown];

        var read = Assert.Single(AckDecoder.Decode(request, Most).Value.Entries.ToArray());

        Assert.Equal(("e", true), (read.Error, read.IsRepeat));
    }

    // Also where a later one replaces it.
    [Theory]
    [InlineData("0A020A05", "entry 0 is broken")]
    [InlineData("0A030A01FF", "entry 0 is broken")]
    [InlineData("0A000A031201FF", "entry 1 is broken")]
    [InlineData("0A060A01FF0A0161", "entry 0 is broken")]
    [InlineData("0A061201FF120161", "entry 0 is broken")]
    [InlineData("0A05", "field 1 is cut off or of an unknown type")]
    public void What_is_broken_in_protobuf_is_named(string hex, string what)
    {
        var fault = Assert.Throws<BrokerException>(() => AckDecoder.Decode(Convert.FromHexString(hex), Most).Value);
        Assert.Equal((BrokerErrorCode.InvalidArgument, "malformed request: " + what), (fault.Code, fault.Message));
    }

    [Fact]
    public void Each_result_has_its_name() => Assert.Equal(
        """{"results":["ACK_RESULT_UNSPECIFIED","ACK_RESULT_SETTLED","ACK_RESULT_EXPIRED","ACK_RESULT_UNKNOWN","ACK_RESULT_NOT_YOURS","ACK_RESULT_INVALID","ACK_RESULT_FAILED"]}""",
        Encoding.UTF8.GetString(AckJson.Encode([.. System.Enum.GetValues<SettleResult>().Order().Select(static result => new SettleEntry { Result = result })]).Span));

    private static SettleEntry[] FromJson(string body) => AckJson.Decode(Encoding.UTF8.GetBytes(body), Most);

    private static SettleEntry[] FromProtobuf(AckRequest request) => AckDecoder.Decode(request.ToByteArray(), Most).Value.Entries.ToArray();
}
