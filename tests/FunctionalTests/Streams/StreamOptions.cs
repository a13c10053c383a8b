using System.Globalization;
using EventBroker.Protos.Event.V1;
using Google.Protobuf.WellKnownTypes;

namespace EventBroker.FunctionalTests.Streams;

// What a test asks of a stream, in the form of each protocol.
internal sealed record StreamOptions
{
    public StreamMode Mode { get; init; }

    public string Name { get; init; } = "";

    // Of a member of a group; in mode ConsumerId it is the name.
    public string Member { get; init; } = "";

    public string StartFrom { get; init; } = "";

    public string ResumeAfter { get; init; } = "";

    public int MaxInFlight { get; init; }

    public TimeSpan? AckTimeout { get; init; }

    public bool Wait { get; init; }

    // Further query parameters as they are written, for SSE and WebSocket.
    public string Extra { get; init; } = "";

    public static StreamOptions Of(StreamMode mode) => new() { Mode = mode, Name = mode == StreamMode.Broadcast ? "" : "n" };

    public SubscribeRequest ToRequest(string eventName) => new()
    {
        Event = eventName,
        DeliveryMode = Mode == StreamMode.WorkerPool ? DeliveryMode.WorkerPool : DeliveryMode.Broadcast,
        WorkerGroup = Mode == StreamMode.WorkerPool ? Name : "",
        ConsumerId = Mode == StreamMode.ConsumerId ? Name : Member,
        StartFrom = StartFrom switch
        {
            "beginning" => StartPosition.Beginning,
            "latest" => StartPosition.Latest,
            _ => StartPosition.Unspecified,
        },
        ResumeAfter = ResumeAfter,
        MaxInFlight = MaxInFlight,
        AckTimeout = AckTimeout is { } timeout ? Duration.FromTimeSpan(timeout) : null,
        Wait = Wait,
    };

    public string ToQuery()
    {
        var fields = new List<(string Name, string Value)>
        {
            ("delivery_mode", Mode == StreamMode.WorkerPool ? "worker_pool" : ""),
            ("worker_group", Mode == StreamMode.WorkerPool ? Name : ""),
            ("consumer_id", Mode == StreamMode.ConsumerId ? Name : Member),
            ("start_from", StartFrom),
            ("resume_after", ResumeAfter),
            ("wait", Wait ? "true" : ""),
            ("max_in_flight", MaxInFlight == 0 ? "" : MaxInFlight.ToString(CultureInfo.InvariantCulture)),
            ("ack_timeout", AckTimeout is { } timeout ? timeout.TotalSeconds.ToString(CultureInfo.InvariantCulture) + "s" : ""),
        };
        return string.Join(
            '&',
            fields.Where(static f => f.Value.Length > 0).Select(static f => $"{f.Name}={Uri.EscapeDataString(f.Value)}")
                .Concat(Extra.Length == 0 ? [] : [Extra]));
    }
}
