using System.Text;
using EventBroker.Broker.Settling;
using EventBroker.Endpoints.WebSockets;

namespace EventBroker.Endpoints.Tests;

public sealed class ServerFramesTests
{
    [Theory]
    [InlineData(SettleResult.Settled, "settled")]
    [InlineData(SettleResult.Expired, "expired")]
    [InlineData(SettleResult.Unknown, "unknown")]
    [InlineData(SettleResult.NotYours, "not_yours")]
    [InlineData(SettleResult.Invalid, "invalid")]
    [InlineData(SettleResult.Failed, "failed")]
    public void A_result_has_its_word_and_an_ack_id_is_escaped(SettleResult result, string word) => Assert.Equal(
        $$"""{"type":"ack_result","ack_id":"a\u0022b","result":"{{word}}"}""", Encoding.UTF8.GetString(ServerFrames.AckResult("a\"b", result)));

    [Theory]
    [InlineData(null, """{"type":"subscribed"}""")]
    [InlineData("a\"b", """{"type":"subscribed","cursor":"a\u0022b"}""")]
    public void A_subscription_tells_where_it_begins_if_there_is_such_a_place(string? cursor, string frame) =>
        Assert.Equal(frame, Encoding.UTF8.GetString(ServerFrames.Subscribed(cursor)));
}
