using System.Text.Json;
using EventBroker.Protos.Event.V1;

namespace EventBroker.FunctionalTests.Streams;

internal sealed record Received(string Id, string AckId, int RetryCount, string Cursor, long Missed)
{
    public static Received Of(Message message) => new(message.Id, message.AckId, message.RetryCount, message.Cursor, message.Missed);

    public static Received Of(JsonElement message) => new(
        Text(message, "id"),
        Text(message, "ack_id"),
        message.TryGetProperty("retry_count", out var retries) ? retries.GetInt32() : 0,
        Text(message, "cursor"),
        message.TryGetProperty("missed", out var missed) ? missed.GetInt64() : 0);

    private static string Text(JsonElement message, string name) =>
        message.TryGetProperty(name, out var value) ? value.GetString()! : "";
}
