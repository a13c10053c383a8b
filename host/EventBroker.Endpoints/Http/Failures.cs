using EventBroker.Sdk.Errors;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EventBroker.Endpoints.Http;

// Turns whatever a call threw into what its caller may see. Unforeseen failures are logged here and nowhere else.
internal static class Failures
{
    public const string InternalError = "internal error";

    // COR_E_IO.
    private const int GeneralFailure = unchecked((int)0x80131620);

    public static BrokerException ForCaller(Exception exception, ILogger logger, string protocol, string operation)
    {
        switch (exception)
        {
            case BrokerException { Code: BrokerErrorCode.Internal } failure:
                // Somebody called it internal on purpose; its text may tell more than the caller should know.
                EndpointLog.Unforeseen(logger, failure, protocol, operation);
                return new BrokerException(BrokerErrorCode.Internal, InternalError);
            case BrokerException failure:
                if (failure.InnerException is not (null or BrokerException))
                {
                    EndpointLog.Failed(logger, failure, protocol, operation);
                }

                return failure;
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return new BrokerException(BrokerErrorCode.ResourceExhausted, "the request body is too large") { IsFinal = true };
            case BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout }:
                // The server's own rate, for what has not begun to come: the same as Bodies says of the rest.
                return Bodies.TooSlow();
            case BadHttpRequestException bad:
                return new BrokerException(BrokerErrorCode.InvalidArgument, bad.Message);
            default:
                EndpointLog.Unforeseen(logger, exception, protocol, operation);
                return new BrokerException(BrokerErrorCode.Internal, InternalError);
        }
    }

    // The client is gone, or an application's own timeout has come.
    public static BrokerException NotFinished() => new(BrokerErrorCode.DeadlineExceeded, "the request did not come to its end");

    // For a connection that was reset while its body was read: the server may not know yet that it is aborted. It would look for the rest of the
    // body then, in a reader that has just failed, and log that as an error.
    public static void GiveUp(HttpContext context) => context.Abort();

    // What is thrown where a body is read, when a record of TLS is damaged or cut off: that ends a connection as a reset does, and the server has
    // no name for it. What a file throws, where an application buffers bodies on its disk, has the number of its error.
    public static bool IsBrokenConnection(Exception exception) => exception is IOException { HResult: GeneralFailure } and not BadHttpRequestException;

    public static ConnectionResetException BrokenConnection(Exception cause) => new("the connection is broken", cause);

    // The client is gone: nobody is left to be told, and nothing is wrong with the broker. A connection that was reset says so itself, and
    // may say it before the request knows.
    public static bool IsClientGone(Exception exception, HttpContext context) =>
        exception is ConnectionResetException or ConnectionAbortedException
        || (exception is OperationCanceledException or IOException or ObjectDisposedException && context.RequestAborted.IsCancellationRequested);
}
