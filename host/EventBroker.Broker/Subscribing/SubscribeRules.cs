using EventBroker.Broker.Routing;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Subscribing;

/// <summary>Checks a request to subscribe: first by itself, then against what the transport can do. Nothing is ignored.</summary>
internal static class SubscribeRules
{
    private const int MaxBufferSize = 100_000;
    private const int MaxConsumerIdLength = 200;

    public static SubscribeOptions Complete(SubscribeRequest request, BrokerOptions defaults)
    {
        var mode = request.Mode ?? DeliveryMode.Broadcast;
        CheckModes(request, mode);
        CheckStart(request);
        if (request.MaxAge is { } age && age <= TimeSpan.Zero)
        {
            throw Invalid("max_age must be longer than 0");
        }

        if (request.AckTimeout is { } timeout && (timeout < TimeSpan.FromSeconds(1) || timeout > BrokerOptions.MaxAckTimeout))
        {
            throw Invalid("ack_timeout must be 1s to 12h");
        }

        CheckCount(request.BufferSize, MaxBufferSize, "buffer_size");
        CheckCount(request.MaxInFlight, defaults.MaxInFlight, "max_in_flight");
        return new SubscribeOptions
        {
            Mode = mode,
            WorkerGroup = request.WorkerGroup,
            Start = StartOf(request, mode),
            StartTime = request.StartTime,
            MaxAge = request.MaxAge,
            LatestOnly = request.LatestOnly,
            BufferSize = request.BufferSize == 0 ? 100 : request.BufferSize,
            ConsumerId = request.ConsumerId,
            ResumeAfter = string.IsNullOrEmpty(request.ResumeAfter) ? null : request.ResumeAfter,
            MaxInFlight = request.MaxInFlight == 0 ? defaults.MaxInFlight : request.MaxInFlight,
            AckTimeout = request.AckTimeout ?? defaults.AckTimeout,
        };
    }

    /// <summary>Whether what a browser brings along can be a cursor at all. A worker group never gave one out.</summary>
    public static bool MayBeCursor(SubscribeRequest request) =>
        request.Mode != DeliveryMode.WorkerPool && IsCursor(request.ResumeAfter!);

    /// <summary>What is asked for once the place that the subscriber brought along is of no use: whatever is retained, since nobody knows how
    /// much of it the subscriber has seen. A worker group has a place of its own, and tells what became of it.</summary>
    public static SubscribeRequest WithoutPlace(SubscribeRequest request, RoutedTransport route) => request with
    {
        ResumeAfter = null,
        Start = request.Mode != DeliveryMode.WorkerPool && route.Capabilities.Has(TransportCapability.ReplayFromBeginning) ? StartPosition.Beginning
            : request.Start == StartPosition.Unspecified ? StartPosition.Latest
            : request.Start,
    };

    public static void CheckSupport(SubscribeOptions options, RoutedTransport route)
    {
        Need(options.Mode == DeliveryMode.Broadcast, TransportCapability.Broadcast, "delivery_mode=broadcast", "it hands each message to one worker of a group; use worker_pool", route);
        Need(options.Mode == DeliveryMode.WorkerPool, TransportCapability.WorkerGroups, "delivery_mode=worker_pool", "it has no worker groups; use broadcast", route);
        CheckSupport(options.Start, options.ResumeAfter, route);
        Need(options is { ConsumerId.Length: > 0, Mode: DeliveryMode.Broadcast }, TransportCapability.ConsumerResume, "consumer_id", "it remembers no places; leave it out", route);
    }

    public static void CheckSeek(SeekRequest request)
    {
        if (request.Kind == PlaceKind.WorkerGroup)
        {
            if (request.Name.Length > 0 && !EventName.IsValid(request.Name))
            {
                throw Invalid("worker_group follows the rule of event names: " + EventName.Rule);
            }
        }
        else if (request.Kind != PlaceKind.ConsumerId || request.Name.Length == 0)
        {
            throw Invalid("seek needs a worker_group or a consumer_id");
        }
        else
        {
            CheckConsumerId(request.Name);
        }

        CheckStart(request.Position, request.Time, request.After);
        if (request.Position == StartPosition.Unspecified && string.IsNullOrEmpty(request.After))
        {
            throw Invalid("seek needs start_from or resume_after");
        }
    }

    public static void CheckSupport(SeekRequest request, RoutedTransport route)
    {
        Need(true, TransportCapability.Seek, "seek", "it can't move a place", route);
        Need(request.Kind == PlaceKind.WorkerGroup, TransportCapability.WorkerGroups, "worker_group", "it has no worker groups", route);
        Need(request.Kind == PlaceKind.ConsumerId, TransportCapability.ConsumerResume, "consumer_id", "it remembers no places", route);
        CheckSupport(request.Position, request.After, route);
    }

    private static void CheckSupport(StartPosition start, string? after, RoutedTransport route)
    {
        Need(start == StartPosition.Beginning, TransportCapability.ReplayFromBeginning, "start_from=beginning", "it keeps no messages; use latest", route);
        Need(start == StartPosition.Timestamp, TransportCapability.ReplayFromTimestamp, "start_from=timestamp", "it can't look up messages by time; use beginning or latest", route);
        Need(!string.IsNullOrEmpty(after), TransportCapability.ReplayFromCursor, "resume_after", "it can't go on behind a cursor; leave it out", route);
    }

    private static void Need(bool asked, TransportCapability capability, string option, string instead, RoutedTransport route)
    {
        if (asked && !route.Capabilities.Has(capability))
        {
            throw BrokerErrors.OptionNotSupported(route.Name, option, instead);
        }
    }

    private static void CheckModes(SubscribeRequest request, DeliveryMode mode)
    {
        if (request.WorkerGroup.Length > 0)
        {
            if (mode != DeliveryMode.WorkerPool)
            {
                throw Invalid("worker_group needs delivery_mode worker_pool");
            }

            if (!EventName.IsValid(request.WorkerGroup))
            {
                throw Invalid("worker_group follows the rule of event names: " + EventName.Rule);
            }
        }

        CheckConsumerId(request.ConsumerId);
    }

    private static void CheckConsumerId(string consumerId)
    {
        if (consumerId.Length > MaxConsumerIdLength || consumerId.AsSpan().ContainsAnyInRange('\0', '\x1f')
            || consumerId.Contains('\uFFFD', StringComparison.Ordinal))
        {
            throw Invalid($"consumer_id has at most {MaxConsumerIdLength} characters, valid UTF-8 and no control characters");
        }
    }

    // Whoever has a name in a group is told what became of the group's place; the transports tell that of those who name a start. Both mean
    // the end to a new group.
    private static StartPosition StartOf(SubscribeRequest request, DeliveryMode mode) =>
        mode == DeliveryMode.WorkerPool && request is { ConsumerId.Length: > 0, Start: StartPosition.Unspecified }
            ? StartPosition.Latest
            : request.Start;

    private static bool IsCursor(string text) => text.Length <= ResumeCursor.MaxLength && System.Text.Ascii.IsValid(text);

    private static void CheckStart(SubscribeRequest request)
    {
        CheckStart(request.Start, request.StartTime, request.ResumeAfter);
        if (!string.IsNullOrEmpty(request.ResumeAfter) && request.Mode == DeliveryMode.WorkerPool)
        {
            throw Invalid("resume_after needs delivery_mode broadcast: a worker group remembers its own place");
        }
    }

    private static void CheckStart(StartPosition start, DateTimeOffset? time, string? after)
    {
        if (start == StartPosition.Timestamp && time is null)
        {
            throw Invalid("start_from timestamp needs start_time");
        }

        if (start != StartPosition.Timestamp && time is not null)
        {
            throw Invalid("start_time needs start_from timestamp");
        }

        if (string.IsNullOrEmpty(after))
        {
            return;
        }

        if (start != StartPosition.Unspecified)
        {
            throw Invalid("resume_after and start_from exclude each other");
        }

        if (!IsCursor(after))
        {
            throw Invalid("resume_after is no cursor of this event");
        }
    }

    private static void CheckCount(int value, int most, string option)
    {
        if (value < 0 || value > most)
        {
            throw Invalid($"{option} must be 0 (the default) to {most}");
        }
    }

    private static BrokerException Invalid(string message) => new(BrokerErrorCode.InvalidArgument, message);
}
