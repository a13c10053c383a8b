using System.Globalization;
using EventBroker.Broker.Subscribing;
using EventBroker.Endpoints.Http;
using EventBroker.Endpoints.Json;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using Microsoft.AspNetCore.Http;

namespace EventBroker.Endpoints.Streaming;

// The query parameters of SSE and WebSocket, which are the fields of the gRPC request. Nothing is ignored: an unknown parameter
// or value is an error that names it and what is allowed.
internal static class SubscribeQuery
{
    private const string Known =
        "delivery_mode, worker_group, start_from, start_time, max_age, latest_only, buffer_size, consumer_id, resume_after, "
        + "last_event_id, max_in_flight, ack_timeout, auto_ack";

    // For authorizers: browsers can't send headers with a WebSocket or an EventSource.
    private static readonly string[] Credentials = ["access_token", "api_key"];

    public static SubscribeRequest Parse(string eventName, HttpRequest request)
    {
        var fields = new Fields();
        foreach (var (name, values) in request.Query)
        {
            if (Array.IndexOf(Credentials, name) >= 0)
            {
                continue;
            }

            if (values.Count != 1)
            {
                throw Invalid($"{name} is given {values.Count} times");
            }

            fields.Set(name, values[0] ?? "");
        }

        // What a browser sends when it comes back by itself, with the URL of its first connection.
        var lastEventId = request.Headers["Last-Event-ID"].ToString();
        return fields.ToRequest(eventName, lastEventId.Length > 0 ? lastEventId : fields.LastEventId);
    }

    private static BrokerException Invalid(string message) => new(BrokerErrorCode.InvalidArgument, message);

    private sealed class Fields
    {
        private DeliveryMode? _mode;
        private string _workerGroup = "";
        private StartPosition _start;
        private DateTimeOffset? _startTime;
        private TimeSpan? _maxAge;
        private bool _latestOnly;
        private int _bufferSize;
        private string _consumerId = "";
        private string? _resumeAfter;
        private int _maxInFlight;
        private TimeSpan? _ackTimeout;
        private bool _autoAck;

        public string? LastEventId { get; private set; }

        public void Set(string name, string value)
        {
            switch (name)
            {
                case "delivery_mode":
                    _mode = value switch
                    {
                        "broadcast" => DeliveryMode.Broadcast,
                        "worker_pool" => DeliveryMode.WorkerPool,
                        _ => throw Unknown(name, value, "broadcast, worker_pool"),
                    };
                    break;
                case "worker_group":
                    _workerGroup = value;
                    break;
                case "start_from":
                    _start = value switch
                    {
                        "beginning" => StartPosition.Beginning,
                        "latest" => StartPosition.Latest,
                        "timestamp" => StartPosition.Timestamp,
                        _ => throw Unknown(name, value, "beginning, latest, timestamp"),
                    };
                    break;
                case "start_time":
                    _startTime = Rfc3339.TryParse(value, out var time) ? time : throw Unknown(name, value, "a time such as 2026-01-02T03:04:05Z (RFC 3339)");
                    break;
                case "max_age":
                    _maxAge = Duration(name, value);
                    break;
                case "latest_only":
                    _latestOnly = Boolean(name, value);
                    break;
                case "buffer_size":
                    _bufferSize = Number(name, value);
                    break;
                case "consumer_id":
                    _consumerId = value;
                    break;
                case "resume_after":
                    _resumeAfter = value;
                    break;
                case "last_event_id":
                    LastEventId = value;
                    break;
                case "max_in_flight":
                    _maxInFlight = Number(name, value);
                    break;
                case "ack_timeout":
                    _ackTimeout = Duration(name, value);
                    break;
                case "auto_ack":
                    _autoAck = Boolean(name, value);
                    break;
                default:
                    throw Invalid($"unknown parameter '{Shorten(name)}'; allowed: {Known}");
            }
        }

        // Coming back goes before where the first connection was to begin.
        public SubscribeRequest ToRequest(string eventName, string? lastEventId)
        {
            var comesBack = !string.IsNullOrEmpty(lastEventId);
            return new SubscribeRequest
            {
                EventName = eventName,
                Mode = _mode,
                WorkerGroup = _workerGroup,
                Start = comesBack ? StartPosition.Unspecified : _start,
                StartTime = comesBack ? null : _startTime,
                MaxAge = _maxAge,
                LatestOnly = _latestOnly,
                BufferSize = _bufferSize,
                ConsumerId = _consumerId,
                ResumeAfter = comesBack ? lastEventId : _resumeAfter,
                MaxInFlight = _maxInFlight,
                AckTimeout = _ackTimeout,
                AutoAck = _autoAck,
            };
        }

        private static TimeSpan Duration(string name, string value) =>
            GoDuration.TryParse(value, out var duration) ? duration : throw Unknown(name, value, GoDuration.Form);

        private static bool Boolean(string name, string value) => value switch
        {
            "true" => true,
            "false" => false,
            _ => throw Unknown(name, value, "true, false"),
        };

        private static int Number(string name, string value) =>
            int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw Unknown(name, value, "a whole number");

        private static BrokerException Unknown(string name, string value, string allowed) =>
            Invalid($"{name} is '{Shorten(value)}'; allowed: {allowed}");

        private static string Shorten(string text) => text.Length <= 64 ? text : text[..64] + "…";
    }
}
