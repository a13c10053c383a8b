using EventBroker.Sdk.Errors;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EventBroker.Endpoints.Http;

// What stands around every call over HTTP: foreign pages are refused, a path in another case or a name with an encoded slash is not
// found, and whatever is thrown becomes an error body.
internal sealed class HttpBoundary(Origins origins, ILogger<HttpBoundary> logger)
{
    public RequestDelegate Around(RequestDelegate next, string protocol) => http => RunAsync(http, next, protocol);

    private async Task RunAsync(HttpContext http, RequestDelegate next, string protocol)
    {
        try
        {
            CheckOrigin(http);
            CheckPath(http);
            if (IsCloudEvent(http.Request))
            {
                await RefuseCloudEventAsync(http);
                return;
            }

            await next(http);
        }
        catch (Exception exception) when (Failures.IsClientGone(exception, http))
        {
            if (exception is ConnectionResetException)
            {
                Failures.GiveUp(http);
            }
            else if (!http.Response.HasStarted)
            {
                // Nobody is left to be told, unless an application's own timeout has come. Without a body: a stream may have put something into
                // the server's buffer that has not gone out.
                http.Response.StatusCode = Statuses.ToHttp(BrokerErrorCode.DeadlineExceeded);
            }
        }
        catch (Exception exception)
        {
            var failure = Failures.ForCaller(exception, logger, protocol, http.Request.Path);
            if (http.Response.HasStarted)
            {
                http.Abort();
                return;
            }

            await ErrorBody.WriteAsync(http, failure);
        }
    }

    private void CheckOrigin(HttpContext http)
    {
        if (!origins.IsAllowed(http.Request, out var foreign))
        {
            EndpointLog.OriginRefused(logger, foreign!);
            throw new BrokerException(BrokerErrorCode.PermissionDenied, "this origin is not allowed; origins are allowed by the broker's configuration");
        }

        if (foreign is not null)
        {
            Origins.AllowReading(http.Response, foreign);
        }
    }

    // In structured mode the message lies within the event's own fields, which would be passed over as unknown ones; in binary mode it is the
    // body itself, and so are its fields.
    private static bool IsCloudEvent(HttpRequest request) =>
        request.ContentType?.StartsWith("application/cloudevents", StringComparison.OrdinalIgnoreCase) == true
        || request.Headers.ContainsKey("ce-specversion");

    private static Task RefuseCloudEventAsync(HttpContext http) => ErrorBody.WriteAsync(
        http,
        StatusCodes.Status415UnsupportedMediaType,
        BrokerErrorCode.InvalidArgument,
        "CloudEvents are not supported; a message is {\"id\",\"payload\",\"metadata\"}");

    // Routing leaves %2F as it is; a name never holds one, and as a path it names nothing.
    private static void CheckPath(HttpContext http)
    {
        if (!PathCase.IsExact(http))
        {
            throw new BrokerException(BrokerErrorCode.NotFound, "Not Found");
        }

        foreach (var (_, value) in http.Request.RouteValues)
        {
            if (value is string text && text.Contains("%2F", StringComparison.OrdinalIgnoreCase))
            {
                throw new BrokerException(BrokerErrorCode.NotFound, "Not Found");
            }
        }
    }
}
