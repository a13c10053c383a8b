using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using Proto = EventBroker.Protos.Broker.V1;

namespace EventBroker.Endpoints.Grpc;

// The gRPC request in the broker's terms. The broker checks what it means; here only what it can't express is refused.
internal static class SeekRequests
{
    public static SeekRequest ToBroker(Proto.SeekRequest request)
    {
        var (kind, name) = request.PlaceCase switch
        {
            Proto.SeekRequest.PlaceOneofCase.WorkerGroup => (PlaceKind.WorkerGroup, request.WorkerGroup),
            Proto.SeekRequest.PlaceOneofCase.ConsumerId => (PlaceKind.ConsumerId, request.ConsumerId),
            _ => throw Invalid("worker_group (empty for the default group) or consumer_id is needed: whose place is to be moved"),
        };
        return new SeekRequest
        {
            Kind = kind,
            Name = name,
            Position = request.StartFrom is >= Protos.Event.V1.StartPosition.Unspecified and <= Protos.Event.V1.StartPosition.Timestamp
                ? (StartPosition)(int)request.StartFrom
                : throw Invalid($"start_from is {(int)request.StartFrom}, which is none of its values: 1 (beginning), 2 (latest), 3 (timestamp)"),
            Time = request.StartTime is null
                ? null
                : ProtoDuration.ToTime(request.StartTime) ?? throw Invalid("start_time is outside of the years 1 to 9999"),
            After = request.ResumeAfter.Length == 0 ? null : request.ResumeAfter,
        };
    }

    private static BrokerException Invalid(string message) => new(BrokerErrorCode.InvalidArgument, message);
}
