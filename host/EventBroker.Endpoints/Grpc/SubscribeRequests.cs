using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using BrokerRequest = EventBroker.Broker.Subscribing.SubscribeRequest;
using Proto = EventBroker.Protos.Event.V1;

namespace EventBroker.Endpoints.Grpc;

// The gRPC request in the broker's terms. The broker checks what it means; here only what it can't express is refused.
internal static class SubscribeRequests
{
    public static BrokerRequest ToBroker(Proto.SubscribeRequest request) => new()
    {
        EventName = request.Event,
        Mode = request.DeliveryMode switch
        {
            Proto.DeliveryMode.Unspecified => null,
            Proto.DeliveryMode.Broadcast => DeliveryMode.Broadcast,
            Proto.DeliveryMode.WorkerPool => DeliveryMode.WorkerPool,
            _ => throw Invalid($"delivery_mode is {(int)request.DeliveryMode}, which is none of its values: 0 (unspecified), 1 (broadcast), 2 (worker pool)"),
        },
        WorkerGroup = request.WorkerGroup,
        Start = request.StartFrom is >= Proto.StartPosition.Unspecified and <= Proto.StartPosition.Timestamp
            ? (StartPosition)(int)request.StartFrom
            : throw Invalid($"start_from is {(int)request.StartFrom}, which is none of its values: 0 (unspecified), 1 (beginning), 2 (latest), 3 (timestamp)"),
        StartTime = request.StartTime is null
            ? null
            : ProtoDuration.ToTime(request.StartTime) ?? throw Invalid("start_time is outside of the years 1 to 9999"),
        MaxAge = ToTimeSpan(request.MaxAge, "max_age"),
        LatestOnly = request.LatestOnly,
        BufferSize = request.BufferSize,
        ConsumerId = request.ConsumerId,
        ResumeAfter = request.ResumeAfter,
        MaxInFlight = request.MaxInFlight,
        AckTimeout = ToTimeSpan(request.AckTimeout, "ack_timeout"),
        AutoAck = request.AutoAck,
        Wait = request.Wait,
        Takeover = request.Takeover,
    };

    private static TimeSpan? ToTimeSpan(Google.Protobuf.WellKnownTypes.Duration? duration, string name) =>
        duration is null ? null : ProtoDuration.ToTimeSpan(duration) ?? throw Invalid(name + " is no valid duration");

    private static BrokerException Invalid(string message) => new(BrokerErrorCode.InvalidArgument, message);
}
