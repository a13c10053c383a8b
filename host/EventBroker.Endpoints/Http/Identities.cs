using EventBroker.Broker;
using EventBroker.Endpoints.Grpc;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EventBroker.Endpoints.Http;

// Who calls is looked at before the first byte of a body is read: what somebody without an identity can make the broker do is to say no.
internal sealed class Identities(MessageBroker broker, ILogger<Identities> logger)
{
    // For gRPC, whose answer is a status.
    public RequestDelegate AroundGrpc(RequestDelegate next) => Around(next, http => AuthenticateAsync(http, Protocols.Grpc));

    // For what is an operator's only.
    public RequestDelegate AroundOperators(RequestDelegate next) =>
        Around(next, http => broker.AuthorizeOperatorAsync(HttpCaller.Of(http, Protocols.Grpc), http.RequestAborted));

    // For HTTP, within the boundary, which makes an error body of what is thrown. Costs nothing where no authorizer waits.
    public RequestDelegate AroundHttp(RequestDelegate next, string protocol)
    {
        return http =>
        {
            var authenticated = AuthenticateAsync(http, protocol);
            return authenticated.IsCompletedSuccessfully ? next(http) : WaitAsync(authenticated, http);
        };

        async Task WaitAsync(ValueTask authenticated, HttpContext http)
        {
            await authenticated;
            await next(http);
        }
    }

    private RequestDelegate Around(RequestDelegate next, Func<HttpContext, ValueTask> check)
    {
        return http =>
        {
            ValueTask done;
            try
            {
                done = check(http);
            }
#pragma warning disable CA1031 // Whatever an authorizer throws is told as a status.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Refuse(http, exception);
                return Task.CompletedTask;
            }

            return done.IsCompletedSuccessfully ? next(http) : WaitAsync(done, http);
        };

        async Task WaitAsync(ValueTask done, HttpContext http)
        {
            try
            {
                await done;
            }
            catch (Exception exception) when (!Failures.IsClientGone(exception, http))
            {
                Refuse(http, exception);
                return;
            }

            await next(http);
        }
    }

    private void Refuse(HttpContext http, Exception exception) =>
        GrpcStatus.Write(http, Failures.ForCaller(exception, logger, Protocols.Grpc, http.Request.Path));

    private ValueTask AuthenticateAsync(HttpContext http, string protocol) =>
        broker.AuthenticateAsync(HttpCaller.Of(http, protocol), http.RequestAborted);
}
