using System.Collections.Frozen;
using EventBroker.Sdk.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.AspNetCore.Routing.Template;
using Microsoft.Extensions.DependencyInjection;

namespace EventBroker.Endpoints.Http;

// Whatever lies under /v1 and matched nothing: 404, or 405 where the path exists for another method, with the error body; and
// the preflight questions of browsers.
internal sealed class UnknownPaths
{
    private const string EventsPath = "/v1/events/";

    private (RoutePattern Pattern, TemplateMatcher Matcher, FrozenSet<string> Methods)[]? _known;

    public Task HandleAsync(HttpContext http)
    {
        var allowed = AllowedMethods(http);
        if (allowed.Count == 0)
        {
            throw IsWithoutName(http.Request)
                ? new BrokerException(BrokerErrorCode.InvalidArgument, "event name is required")
                : new BrokerException(BrokerErrorCode.NotFound, "Not Found");
        }

        // The boundary has let it through, so the origin is allowed or is our own.
        if (HttpMethods.IsOptions(http.Request.Method) && http.Request.Headers.AccessControlRequestMethod.Count > 0)
        {
            return AnswerPreflight(http, allowed);
        }

        if (IsWithoutName(http.Request))
        {
            throw new BrokerException(BrokerErrorCode.InvalidArgument, "event name is required");
        }

        return RefuseMethod(http, allowed);
    }

    public static Task RefuseMethod(HttpContext http, IEnumerable<string> allowed)
    {
        var methods = string.Join(", ", allowed);
        http.Response.Headers.Allow = methods;
        return ErrorBody.WriteAsync(
            http, StatusCodes.Status405MethodNotAllowed, BrokerErrorCode.Unimplemented, "method not allowed; allowed here: " + methods);
    }

    private static Task AnswerPreflight(HttpContext http, SortedSet<string> allowed)
    {
        var headers = http.Response.Headers;
        headers.AccessControlAllowMethods = string.Join(", ", allowed);
        headers.AccessControlAllowHeaders = http.Request.Headers.AccessControlRequestHeaders;
        headers.AccessControlMaxAge = "600";
        http.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    // POST /v1/events/ and DELETE /v1/events/, or an empty name between slashes.
    private static bool IsWithoutName(HttpRequest request)
    {
        var path = request.Path.Value ?? "";
        return path.StartsWith(EventsPath, StringComparison.Ordinal)
            && (path.Length == EventsPath.Length
                ? HttpMethods.IsPost(request.Method) || HttpMethods.IsDelete(request.Method)
                : path[EventsPath.Length] == '/');
    }

    private SortedSet<string> AllowedMethods(HttpContext http)
    {
        _known ??= Collect(http.RequestServices);
        var allowed = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (pattern, matcher, methods) in _known)
        {
            if (matcher.TryMatch(http.Request.Path, []) && PathCase.IsExact(pattern, http.Request.Path))
            {
                allowed.UnionWith(methods);
            }
        }

        return allowed;
    }

    // From the routes themselves, so that a method added to the contract is known here at once.
    private static (RoutePattern Pattern, TemplateMatcher Matcher, FrozenSet<string> Methods)[] Collect(IServiceProvider services) =>
        [.. services.GetRequiredService<EndpointDataSource>().Endpoints
            .OfType<RouteEndpoint>()
            .Where(static e => e.RoutePattern.RawText is { } text && text.TrimStart('/').StartsWith("v1/", StringComparison.Ordinal)
                && e.Metadata.GetMetadata<UnknownPaths>() is null)
            .Select(static e => (
                e.RoutePattern,
                new TemplateMatcher(TemplateParser.Parse(e.RoutePattern.RawText!.TrimStart('/')), []),
                (e.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"]).ToFrozenSet(StringComparer.Ordinal)))];
}
