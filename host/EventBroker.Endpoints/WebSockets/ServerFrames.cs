using System.Text;
using System.Text.Json;
using EventBroker.Broker.Settling;
using EventBroker.Endpoints.Http;
using EventBroker.Sdk.Errors;

namespace EventBroker.Endpoints.WebSockets;

// What the server says beside messages.
internal static class ServerFrames
{
    public static readonly byte[] Heartbeat = """{"type":"heartbeat"}"""u8.ToArray();

    public static readonly byte[] Waiting = """{"type":"waiting"}"""u8.ToArray();

    public static byte[] Error(BrokerException failure) => Encoding.UTF8.GetBytes(
        $$"""{"type":"error","error":"{{JsonEncodedText.Encode(failure.Message)}}","code":{{(int)failure.Code}}{{Refusals.Json(failure)}}}""");

    public static byte[] Resumed(string outcome) => Encoding.UTF8.GetBytes($$"""{"type":"resumed","outcome":"{{outcome}}"}""");

    // With the place where the subscription begins, for a client that is cut off before its first message.
    public static byte[] Subscribed(string? cursor) => Encoding.UTF8.GetBytes(cursor is null
        ? """{"type":"subscribed"}"""
        : $$"""{"type":"subscribed","cursor":"{{JsonEncodedText.Encode(cursor)}}"}""");

    public static byte[] AckResult(string ackId, SettleResult result) => Encoding.UTF8.GetBytes(
        $$"""{"type":"ack_result","ack_id":"{{JsonEncodedText.Encode(ackId)}}","result":"{{Name(result)}}"}""");

    private static string Name(SettleResult result) => result switch
    {
        SettleResult.Settled => "settled",
        SettleResult.Expired => "expired",
        SettleResult.Unknown => "unknown",
        SettleResult.NotYours => "not_yours",
        SettleResult.Invalid => "invalid",
        _ => "failed",
    };
}
