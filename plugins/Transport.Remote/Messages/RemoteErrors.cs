using EventBroker.Client;
using EventBroker.Sdk.Errors;
using Grpc.Core;

namespace EventBroker.Transport.Remote.Messages;

/// <summary>Failures of the client in this broker's terms: the codes are the same, and so is the other broker's message.</summary>
internal static class RemoteErrors
{
    public const string OutOfReach = "the broker behind this one is out of reach";

    /// <summary>Translates. Without the exception itself, which would be logged with every call: what is an answer is nothing to log here, and
    /// an outage is told once for all calls (<see cref="Upstream.Reach"/>).</summary>
    public static BrokerException Translate(EventBrokerException exception)
    {
        // Made on this side: its text names addresses and sockets, which are for the log.
        if (IsBroken(exception))
        {
            return new BrokerException(BrokerErrorCode.Unavailable, OutOfReach);
        }

        var code = Translate(exception.Code);
        return code == BrokerErrorCode.Internal
            ? new BrokerException(code, exception.Message, exception)
            : new BrokerException(code, exception.Message)
            {
                IsFinal = exception is { Code: ErrorCode.ResourceExhausted, IsTransient: false },
                Reason = exception.IsTakenOver ? BrokerErrorReason.TakenOver : BrokerErrorReason.None,
            };
    }

    /// <summary>Whether no answer has come: what failed is this side's connection, or nobody has answered in time.</summary>
    public static bool IsOutOfReach(EventBrokerException exception) =>
        IsBroken(exception) || exception is { Code: ErrorCode.DeadlineExceeded, InnerException: not RpcException };

    private static bool IsBroken(EventBrokerException exception) =>
        exception.InnerException is RpcException { Status.DebugException: not null } && IsOutage(exception.Code);

    /// <summary>Whether the broker behind, or what lies before it, did not work; everything else is an answer.</summary>
    public static bool IsOutage(ErrorCode code) =>
        code is ErrorCode.Unavailable or ErrorCode.DeadlineExceeded or ErrorCode.Internal or ErrorCode.Unknown or ErrorCode.Cancelled;

    /// <summary>Whether a failure is not one message's own but that of the event or the caller.</summary>
    public static bool ConcernsWholeCall(ErrorCode code) =>
        code is ErrorCode.NotFound or ErrorCode.PermissionDenied or ErrorCode.Unauthenticated;

    // The numbers are those of gRPC. What this broker has no code for comes from proxies, or stands for a broken connection.
    private static BrokerErrorCode Translate(ErrorCode code) => code switch
    {
        ErrorCode.OutOfRange => BrokerErrorCode.InvalidArgument,
        _ when Enum.IsDefined((BrokerErrorCode)(int)code) => (BrokerErrorCode)(int)code,
        _ => BrokerErrorCode.Unavailable,
    };
}
