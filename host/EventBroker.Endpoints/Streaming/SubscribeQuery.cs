using System.Globalization;
using EventBroker.Broker.Subscribing;
using EventBroker.Endpoints.Http;
using EventBroker.Endpoints.Json;
using EventBroker.Endpoints.Sse;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace EventBroker.Endpoints.Streaming;

// The query parameters of SSE and WebSocket, which are the fields of the gRPC request. Nothing is ignored: an unknown parameter
// or value is an error that names it and what is allowed.
internal static class SubscribeQuery
{
    private const string Known =
        "delivery_mode, worker_group, start_from, start_time, max_age, latest_only, buffer_size, consumer_id, resume_after, "
        + "last_event_id, max_in_flight, ack_timeout, auto_ack, wait, takeover";

    // What some clients add so that no cache answers.
    private const string CacheBuster = "_";

    // As EventSource libraries spell it, in any case: those that can't send the header put their place into the query.
    private static readonly string[] LastEventIds = ["last_event_id", "lastEventId", "last-event-id"];

    // For authorizers: browsers can't send headers with a WebSocket or an EventSource.
    private static readonly string[] Credentials = ["access_token", "api_key"];

    public static SubscribeRequest Parse(string eventName, HttpRequest request)
    {
        var fields = new Fields();
        var bringsPlace = false;
        foreach (var (name, values) in request.Query)
        {
            if (Array.IndexOf(Credentials, name) >= 0 || name == CacheBuster)
            {
                continue;
            }

            if (IsLastEventId(name))
            {
                bringsPlace = true;
                continue;
            }

            if (values.Count != 1)
            {
                throw Invalid($"{name} is given {values.Count} times");
            }

            fields.Set(name, values[0] ?? "");
        }

        // What a browser sends when it comes back by itself, with the URL of its first connection.
        var lastEventId = LastOf(request.Headers["Last-Event-ID"]);
        return fields.ToRequest(eventName, lastEventId.Length > 0 || !bringsPlace ? lastEventId : FindLastEventId(request.QueryString));
    }

    private static bool IsLastEventId(ReadOnlySpan<char> name)
    {
        foreach (var spelling in LastEventIds)
        {
            if (name.Equals(spelling, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static string LastOf(StringValues values) => values.Count == 0 ? "" : values[^1] ?? "";

    // A library that appends its place to an address that has one already means the last one.
    private static string FindLastEventId(QueryString query)
    {
        var last = "";
        foreach (var parameter in new QueryStringEnumerable(query.Value))
        {
            if (IsLastEventId(parameter.DecodeName().Span) && parameter.DecodeValue() is { Length: > 0 } value)
            {
                last = value.ToString();
            }
        }

        return last;
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
        private bool _wait;
        private bool _takeover;

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
                case "max_in_flight":
                    _maxInFlight = Number(name, value);
                    break;
                case "ack_timeout":
                    _ackTimeout = Duration(name, value);
                    break;
                case "auto_ack":
                    _autoAck = Boolean(name, value);
                    break;
                case "wait":
                    _wait = Boolean(name, value);
                    break;
                case "takeover":
                    _takeover = Boolean(name, value);
                    break;
                default:
                    throw Invalid($"unknown parameter '{Shorten(name)}'; allowed: {Known}");
            }
        }

        // Coming back goes before where the first connection was to begin; a worker group has its own place, and the start is that of a new one.
        public SubscribeRequest ToRequest(string eventName, string lastEventId)
        {
            var hasLost = lastEventId == SseEvents.TakenOver;
            var comesBack = lastEventId.Length > 0 && !hasLost;
            var keepsStart = !comesBack || _mode == DeliveryMode.WorkerPool;
            return new SubscribeRequest
            {
                EventName = eventName,
                Mode = _mode,
                WorkerGroup = _workerGroup,
                Start = keepsStart ? _start : StartPosition.Unspecified,
                StartTime = keepsStart ? _startTime : null,
                MaxAge = _maxAge,
                LatestOnly = _latestOnly,
                BufferSize = _bufferSize,
                ConsumerId = _consumerId,
                ResumeAfter = comesBack ? lastEventId : _resumeAfter,
                ComesBack = comesBack,
                MaxInFlight = _maxInFlight,
                AckTimeout = _ackTimeout,
                AutoAck = _autoAck,
                Wait = _wait,
                Takeover = _takeover,
                HasLostConsumerId = hasLost,
            };
        }

        private static TimeSpan Duration(string name, string value) =>
            SignedDuration.TryParse(value, out var duration) ? duration : throw Unknown(name, value, SignedDuration.Form);

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
