using EventBroker.Endpoints.Grpc;
using EventBroker.Protos.Event.V1;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using Google.Protobuf;

namespace EventBroker.Endpoints.Tests;

public sealed class PublishDecoderTests
{
    [Fact]
    public void A_request_becomes_a_message_that_generated_code_reads()
    {
        var request = new PublishRequest { Event = "order.created", Id = "i", Payload = ByteString.CopyFrom(0, 1, 255), Metadata = { ["a"] = "b", [""] = "é" } };

        var call = PublishDecoder.Decode(request.ToByteArray());

        Assert.Null(call.Fault);
        Assert.Equal("order.created", call.EventName);
        var message = Message.Parser.ParseFrom(call.Message!.Build().Bytes.Span);
        Assert.Equal((request.Id, request.Payload), (message.Id, message.Payload));
        Assert.Equal(request.Metadata, message.Metadata);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(40)]
    public void The_last_of_repeated_fields_and_of_equal_keys_wins(int keys)
    {
        var first = new PublishRequest { Event = "a", Id = "1", Payload = ByteString.CopyFromUtf8("1") };
        var second = new PublishRequest { Event = "b", Id = "2", Payload = ByteString.CopyFromUtf8("2") };
        for (var i = 0; i < keys; i++)
        {
            first.Metadata[$"k{i}"] = "old";
            second.Metadata[$"k{i}"] = "new";
        }

        var call = PublishDecoder.Decode([.. first.ToByteArray(), .. second.ToByteArray()]);

        Assert.Equal("b", call.EventName);
        var message = call.Message!.Build();
        Assert.Equal("2", message.GetId());
        Assert.Equal("2"u8, message.GetPayload());
        Assert.Equal(keys, call.Message.MetadataCount);
        Assert.All(message.GetMetadata().Values, static value => Assert.Equal("new", value));
    }

    // As generated code has it, which reads each of them.
    [Theory]
    [InlineData("0A01FF0A0161", "event is not valid UTF-8")]
    [InlineData("1202A20612037F0D0D", "id is not valid UTF-8")]
    [InlineData("22060A01FF0A0161", "a key or value of metadata is not valid UTF-8")]
    [InlineData("2206120161" + "1201FF", "a key or value of metadata is not valid UTF-8")]
    public void A_text_that_is_none_is_refused_though_another_replaces_it(string hex, string what)
    {
        var bytes = Convert.FromHexString(hex);

        Assert.Throws<InvalidProtocolBufferException>(() => PublishRequest.Parser.ParseFrom(bytes));
        Assert.Equal("malformed request: " + what, PublishDecoder.Decode(bytes).Fault?.Message);
    }

    // As many as any broker may be set to take, and one more.
    [Theory]
    [InlineData(10_000, false)]
    [InlineData(10_001, true)]
    public void Beyond_what_a_broker_may_take_entries_are_not_kept(int count, bool isRefused)
    {
        var request = new PublishRequest();
        for (var i = 0; i < count; i++)
        {
            request.Metadata[$"k{i}"] = "";
        }

        var call = PublishDecoder.Decode(request.ToByteArray());

        Assert.Equal(isRefused ? null : count, call.Message?.MetadataCount);
        Assert.Equal(
            isRefused ? (BrokerErrorCode.ResourceExhausted, "metadata has more than 10000 entries", true) : default,
            call.Fault is { } fault ? (fault.Code, fault.Message, fault.IsFinal) : default);
    }

    // 15: 0 and 16: "a", of a later contract.
    [Fact]
    public void Unknown_fields_of_a_batch_are_no_messages()
    {
        byte[] unknown = [0x78, 0x00, 0x82, 0x01, 0x01, (byte)'a'];
        byte[] message = new PublishRequest { Event = "x" }.ToByteArray();
        byte[] batch = [.. unknown, 0x0A, (byte)message.Length, .. message, .. unknown];

        Assert.Equal("x", Assert.Single(BatchDecoder.Decode(batch, 1).Value).EventName);
    }

    [Fact]
    public void Unknown_fields_are_passed_over()
    {
        var call = PublishDecoder.Decode([0x0A, 1, (byte)'e', 0x28, 5, 0x32, 2, 1, 2, 0x39, 1, 2, 3, 4, 5, 6, 7, 8, 0x45, 1, 2, 3, 4]);

        Assert.Null(call.Fault);
        Assert.Equal(("e", 0), (call.EventName, call.Message!.Length));
    }

    [Theory]
    [InlineData("0A05", "field 1 is cut off or of an unknown type")]
    [InlineData("FF", "a field's tag is broken")]
    [InlineData("0A01FF", "event is not valid UTF-8")]
    [InlineData("1201FF", "id is not valid UTF-8")]
    [InlineData("22030A01FF", "a key or value of metadata is not valid UTF-8")]
    [InlineData("22020A05", "an entry of metadata is broken")]
    [InlineData("2B", "field 5 is cut off or of an unknown type")]
    public void What_is_broken_is_named(string hex, string what)
    {
        var fault = PublishDecoder.Decode(Convert.FromHexString(hex)).Fault;

        Assert.Equal((BrokerErrorCode.InvalidArgument, "malformed request: " + what), (fault?.Code, fault?.Message));
    }
}
