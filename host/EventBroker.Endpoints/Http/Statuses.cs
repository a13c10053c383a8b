using EventBroker.Endpoints.Grpc;
using EventBroker.Sdk.Errors;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace EventBroker.Endpoints.Http;

// The one place where the broker's codes become gRPC and HTTP statuses.
internal static class Statuses
{
    public static StatusCode ToGrpc(BrokerErrorCode code) => (StatusCode)(int)code;

    public static int ToHttp(BrokerErrorCode code) => code switch
    {
        BrokerErrorCode.InvalidArgument or BrokerErrorCode.FailedPrecondition => StatusCodes.Status400BadRequest,
        BrokerErrorCode.Unauthenticated => StatusCodes.Status401Unauthorized,
        BrokerErrorCode.PermissionDenied => StatusCodes.Status403Forbidden,
        BrokerErrorCode.NotFound => StatusCodes.Status404NotFound,
        BrokerErrorCode.AlreadyExists or BrokerErrorCode.Aborted => StatusCodes.Status409Conflict,
        BrokerErrorCode.ResourceExhausted => StatusCodes.Status429TooManyRequests,
        BrokerErrorCode.Unimplemented => StatusCodes.Status501NotImplemented,
        BrokerErrorCode.Unavailable => StatusCodes.Status503ServiceUnavailable,
        BrokerErrorCode.DeadlineExceeded => StatusCodes.Status504GatewayTimeout,
        _ => StatusCodes.Status500InternalServerError,
    };

    public static RpcException ToRpc(BrokerException failure) => new(
        new Status(ToGrpc(failure.Code), failure.Message),
        new Metadata { { ContractHeaders.Refusal, Refusals.Word(failure) } });
}
