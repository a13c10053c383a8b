using EventBroker.Broker;
using EventBroker.Endpoints.Grpc;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EventBroker.Endpoints.Http;

// Who calls is looked at before the first byte of a body is read: what somebody without an identity can make the broker do is to say no.
internal sealed class Identities(MessageBroker broker, ILogger<Identities> logger)
{
    // For gRPC, whose answer is a status.
    public RequestDelegate AroundGrpc(RequestDelegate next) => Around(next, http => ExamineAsync(http, Protocols.Grpc));

    // For what is an operator's only.
    public RequestDelegate AroundOperators(RequestDelegate next) =>
        Around(next, http => broker.AuthorizeOperatorAsync(HttpCaller.Of(http, Protocols.Grpc), http.RequestAborted));

    // For HTTP, within the boundary, which makes an error body of what is thrown.
    public RequestDelegate AroundHttp(RequestDelegate next, string protocol) => async http =>
    {
        await ExamineAsync(http, protocol);
        await next(http);
    };

    private RequestDelegate Around(RequestDelegate next, Func<HttpContext, ValueTask> check) => async http =>
    {
        try
        {
            await check(http);
        }
        catch (Exception exception) when (!Failures.IsClientGone(exception, http))
        {
            GrpcStatus.Write(http, Failures.ForCaller(exception, logger, Protocols.Grpc, http.Request.Path));
            return;
        }

        await next(http);
    };

    private ValueTask ExamineAsync(HttpContext http, string protocol) =>
        broker.ExamineAsync(HttpCaller.Of(http, protocol), http.RequestAborted);
}
