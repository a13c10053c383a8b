using System.Globalization;
using System.Text;
using System.Text.Json;
using EventBroker.Endpoints.Http;
using EventBroker.Sdk.Errors;

namespace EventBroker.Endpoints.Sse;

// What the server says beside messages.
internal static class SseEvents
{
    // What a browser brings along by itself when it comes back although it has lost its consumer id.
    public const string TakenOver = "taken-over";

    public static readonly byte[] Start = "retry: 5000\n\n: connected\n\n"u8.ToArray();

    public static readonly byte[] Heartbeat = ": heartbeat\n\n"u8.ToArray();

    public static readonly byte[] Waiting = "event: waiting\ndata: {\"type\":\"waiting\"}\n\n"u8.ToArray();

    public static byte[] Resumed(string outcome) => Encoding.UTF8.GetBytes(
        $"event: resumed\ndata: {{\"type\":\"resumed\",\"outcome\":\"{outcome}\"}}\n\n");

    // With the place where the subscription begins as its id, so that a browser that is cut off before its first message comes back to it.
    public static byte[] Subscribed(string? cursor) => Encoding.UTF8.GetBytes(cursor is null
        ? "event: subscribed\ndata: {\"type\":\"subscribed\"}\n\n"
        : $"id: {cursor}\nevent: subscribed\ndata: {{\"type\":\"subscribed\",\"cursor\":\"{JsonEncodedText.Encode(cursor)}\"}}\n\n");

    public static byte[] LastWords(BrokerException failure, int comeBackAfter)
    {
        var text = new StringBuilder();
        if (failure.Code is BrokerErrorCode.Unavailable or BrokerErrorCode.DeadlineExceeded or BrokerErrorCode.ResourceExhausted)
        {
            text.Append(CultureInfo.InvariantCulture, $"retry: {comeBackAfter}\n\n");
        }

        if (failure.Reason == BrokerErrorReason.TakenOver)
        {
            text.Append("id: " + TakenOver + "\n");
        }

        text.Append("event: error\ndata: {\"error\":\"")
            .Append(JsonEncodedText.Encode(failure.Message))
            .Append("\",\"code\":").Append((int)failure.Code).Append(Refusals.Json(failure)).Append("}\n\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
