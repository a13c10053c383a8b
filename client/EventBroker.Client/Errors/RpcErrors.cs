using Grpc.Core;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace EventBroker.Client.Errors;

// What the libraries below throw, as callers of the client see it.
internal static class RpcErrors
{
    /// <summary>What EventBroker writes on every refusal of its own; the value is what its code alone does not say.</summary>
    public const string Refusal = "eventbroker-refusal";

    public static EventBrokerException Translate(RpcException exception)
    {
        var refusal = exception.Trailers.GetValue(Refusal);
        return new(CodeOf(exception), exception.Status.Detail is { Length: > 0 } detail ? detail : exception.StatusCode.ToString(), exception)
        {
            IsFinal = refusal is "final",
            IsTakenOver = refusal is "taken_over",
        };
    }

    public static EventBrokerException Translate(TimeoutRejectedException exception) =>
        new(ErrorCode.DeadlineExceeded, $"the broker did not answer within {exception.Timeout}", exception);

    public static EventBrokerException Translate(BrokenCircuitException exception) =>
        new(ErrorCode.Unavailable, "the circuit is open: the broker kept failing, so the call was not sent", exception)
        {
            RetryAfter = exception.RetryAfter ?? TimeSpan.Zero,
        };

    // A connection that could not be made, or breaks before an answer, is INTERNAL to the library below in some cases and UNAVAILABLE in others,
    // such as a handshake that was refused: for the same cause, it depends on which of the two ends was faster.
    private static ErrorCode CodeOf(RpcException exception) =>
        exception is { StatusCode: StatusCode.Internal, Status.DebugException: HttpRequestException }
            ? ErrorCode.Unavailable
            : (ErrorCode)(int)exception.StatusCode;

    /// <summary>Whether the broker, or what lies before it, did not work; everything else is an answer.</summary>
    public static bool IsOutage(ErrorCode code) =>
        code is ErrorCode.Unavailable or ErrorCode.DeadlineExceeded or ErrorCode.Internal or ErrorCode.Unknown;

    /// <summary>Whether the same call may succeed later.</summary>
    public static bool IsTransient(ErrorCode code) =>
        IsOutage(code) || code is ErrorCode.Aborted or ErrorCode.ResourceExhausted or ErrorCode.Cancelled;
}
