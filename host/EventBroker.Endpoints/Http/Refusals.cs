using EventBroker.Sdk.Errors;

namespace EventBroker.Endpoints.Http;

// What a refusal says beside its code, as it is written on the wire.
internal static class Refusals
{
    // The code says all.
    public const string Plain = "refused";

    // It comes again whenever the call is made, where its code alone would let a client try again.
    public const string Final = "final";

    private const string TakenOver = "taken_over";

    // The value of the header or trailer of gRPC.
    public static string Word(BrokerException failure) => Reason(failure) ?? (failure.IsFinal ? Final : Plain);

    // Null for a failure whose code says all.
    public static string? Reason(BrokerException failure) => failure.Reason == BrokerErrorReason.TakenOver ? TakenOver : null;

    // A further member of a JSON object.
    public static string Json(BrokerException failure) => Reason(failure) is { } reason ? $",\"reason\":\"{reason}\"" : "";
}
