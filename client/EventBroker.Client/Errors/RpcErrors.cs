using Grpc.Core;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace EventBroker.Client.Errors;

// What the libraries below throw, as callers of the client see it.
internal static class RpcErrors
{
    // With a refusal that comes again whenever the call is made: too large, too many.
    private const string FinalTrailer = "eventbroker-final";

    public static EventBrokerException Translate(RpcException exception) =>
        new(CodeOf(exception), exception.Status.Detail is { Length: > 0 } detail ? detail : exception.StatusCode.ToString(), exception)
        {
            IsFinal = exception.Trailers.GetValue(FinalTrailer) is not null,
        };

    public static EventBrokerException Translate(TimeoutRejectedException exception) =>
        new(ErrorCode.DeadlineExceeded, $"the broker did not answer within {exception.Timeout}", exception);

    public static CircuitOpenException Translate(BrokenCircuitException exception) => new(exception.RetryAfter, exception);

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
