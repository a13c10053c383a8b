using EventBroker.Sdk.Errors;

namespace EventBroker.Endpoints.Http;

// The reasons of failures as they are written on the wire.
internal static class Reasons
{
    // A trailer of gRPC.
    public const string Trailer = "eventbroker-reason";

    // Null for a failure whose code says all.
    public static string? Name(BrokerException failure) => failure.Reason == BrokerErrorReason.TakenOver ? "taken_over" : null;

    // A further member of a JSON object.
    public static string Json(BrokerException failure) => Name(failure) is { } name ? $",\"reason\":\"{name}\"" : "";
}
