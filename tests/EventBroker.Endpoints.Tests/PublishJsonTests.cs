using System.Text;
using EventBroker.Endpoints.Rest;
using EventBroker.Sdk.Errors;

namespace EventBroker.Endpoints.Tests;

public sealed class PublishJsonTests
{
    [Theory]
    [InlineData("aGVsbG8=", "hello")]
    [InlineData("aGVsbG8", "hello")]
    [InlineData("-_8=", "\u00fb\u00ff")]
    [InlineData("-_8", "\u00fb\u00ff")]
    [InlineData("+/8=", "\u00fb\u00ff")]
    [InlineData("\\u002b\\/8=", "\u00fb\u00ff")]
    [InlineData("aGVs\\r\\nbG8=", "hello")]
    [InlineData("_w==", "\u00ff")]
    [InlineData("_w==\\n", "\u00ff")]
    [InlineData("_w", "\u00ff")]
    [InlineData("", "")]
    public void Base64_of_every_kind_is_read(string text, string latin1)
    {
        var message = PublishJson.Decode(Encoding.UTF8.GetBytes($$"""{"payload":"{{text}}"}""")).Build();

        Assert.Equal(latin1, Encoding.Latin1.GetString(message.GetPayload()));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("aGVsbG8==")]
    [InlineData("aGVsb=8")]
    [InlineData("=")]
    [InlineData("====")]
    [InlineData("+_8=")]
    [InlineData("aGVs bG8=")]
    [InlineData("aGVsbG8*")]
    [InlineData("_w=")]
    [InlineData("_w==\\n=")]
    [InlineData("_!!!")]
    [InlineData("_w== ")]
    [InlineData("_w\\t==")]
    public void What_is_no_base64_is_refused(string text) =>
        Assert.Equal("invalid JSON: payload is not valid base64", Fault($$"""{"payload":"{{text}}"}"""));

    [Theory]
    [InlineData("null", "the body must be an object")]
    [InlineData("[]", "the body must be an object")]
    [InlineData("{} {}", "syntax error at line 1, byte 4")]
    [InlineData("""{"id":1}""", "id must be a string")]
    [InlineData("""{"event":{}}""", "event must be a string")]
    [InlineData("""{"id":"a","id":"b"}""", "id is given twice")]
    [InlineData("""{"payload":"","payload":""}""", "payload is given twice")]
    [InlineData("""{"metadata":{},"metadata":{}}""", "metadata is given twice")]
    [InlineData("""{"event":"e","event":"e"}""", "event is given twice")]
    [InlineData("""{"payload":1}""", "payload must be a string in base64")]
    [InlineData("""{"payload":"\ud800"}""", "payload holds half of a surrogate pair or invalid UTF-8")]
    [InlineData("""{"metadata":{"\ud800":""}}""", "a key of metadata holds half of a surrogate pair or invalid UTF-8")]
    [InlineData("""{"metadata":{"a":"\ud800"}}""", "a value of metadata holds half of a surrogate pair or invalid UTF-8")]
    [InlineData("""{"metadata":{"a":1}}""", "a value of metadata must be a string")]
    [InlineData("""{"\ud800":1}""", "a field's name holds half of a surrogate pair or invalid UTF-8")]
    [InlineData("{\n\"id\"", "syntax error at line 2, byte 5")]
    [InlineData("""{"metadata":[]}""", "metadata must be an object of strings")]
    [InlineData("""{"metadata":{"a":null}}""", "a value of metadata must be a string")]
    [InlineData("""{"metadata":{"a":"1","\u0061":"2"}}""", "a key of metadata is given twice")]
    [InlineData("""{"id":"\ud800"}""", "id holds half of a surrogate pair or invalid UTF-8")]
    public void What_is_wrong_is_named(string body, string what) => Assert.Equal("invalid JSON: " + what, Fault(body));

    [Theory]
    [InlineData("")]
    [InlineData(" \r\n\t")]
    [InlineData("{}")]
    [InlineData("""{"id":null,"payload":null,"metadata":null,"event":null,"other":[{"x":1}]}""")]
    public void Nothing_is_a_message_too(string body) => Assert.Equal(0, PublishJson.Decode(Encoding.UTF8.GetBytes(body)).Length);

    [Fact]
    public void Metadata_goes_over_whole()
    {
        var message = PublishJson.Decode("""{"event":"other","id":"i","metadata":{"a":"1","\u0062":"\u00e9","":""},"x":{"y":[]}}"""u8).Build();

        Assert.Equal("i", message.GetId());
        Assert.Equal(new Dictionary<string, string> { ["a"] = "1", ["b"] = "é", [""] = "" }, message.GetMetadata().ToDictionary());
    }

    [Theory]
    [InlineData(10_000, true)]
    [InlineData(10_001, false)]
    public void Metadata_has_an_end(int entries, bool isRead)
    {
        var body = $"{{\"metadata\":{{{string.Join(',', Enumerable.Range(0, entries).Select(static i => $"\"{i}\":\"\""))}}}}}";
        if (isRead)
        {
            Assert.Equal(entries, PublishJson.Decode(Encoding.UTF8.GetBytes(body)).MetadataCount);
        }
        else
        {
            Assert.Equal("metadata has more than 10000 entries", Fault(body));
        }
    }

    private static string Fault(string body)
    {
        var fault = Assert.Throws<BrokerException>(() => PublishJson.Decode(Encoding.UTF8.GetBytes(body)));
        Assert.Equal(BrokerErrorCode.InvalidArgument, fault.Code);
        return fault.Message;
    }
}
