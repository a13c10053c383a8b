using System.Text;

namespace Benchmarks;

/// <summary>What every line publishes: 256 bytes of payload and two metadata entries.</summary>
internal static class SampleMessage
{
    /// <summary>Occurs once in each message and nowhere else in an SSE stream: neither base64, nor an id, nor a timestamp,
    /// nor a chunk length contains it. Readers count it instead of parsing.</summary>
    public const byte Marker = (byte)'~';

    public static readonly byte[] Payload = [.. Enumerable.Range(0, 256).Select(static i => (byte)i)];

    public static readonly KeyValuePair<string, string>[] Metadata =
    [
        new("content-type", "application/octet-stream"),
        new("tenant", "acme~europe-west-1/production"),
    ];

    /// <summary>A delivery in the JSON of SSE and WebSocket, for the bare server.</summary>
    public static string DeliveryJson { get; } =
        "{\"type\":\"message\",\"id\":\"01JQ8ZK3V5T6W7X8Y9ZABCDEFG\",\"source\":\"remote\",\"payload\":\"" + Convert.ToBase64String(Payload)
        + "\",\"metadata\":" + MetadataJson() + ",\"timestamp\":\"2026-01-02T03:04:05.409738313Z\",\"ack_id\":\"AQAAAAEAAAAAAAAAd2hhdGV2ZXIxMjM0000001\"}";

    /// <summary>The body of a REST publish.</summary>
    public static byte[] PublishJson { get; } =
        Encoding.UTF8.GetBytes("{\"payload\":\"" + Convert.ToBase64String(Payload) + "\",\"metadata\":" + MetadataJson() + "}");

    public static byte[] Repeat(byte[] bytes, int times)
    {
        var all = new byte[bytes.Length * times];
        for (var i = 0; i < times; i++)
            bytes.CopyTo(all, i * bytes.Length);

        return all;
    }

    private static string MetadataJson() => "{" + string.Join(',', Metadata.Select(entry => $"\"{entry.Key}\":\"{entry.Value}\"")) + "}";
}
