using EventBroker.Sdk.Errors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace EventBroker.Endpoints.Http;

// Routing takes a path in any case, and rules of a proxy are written for one: what it does not know as /v1 must not be served as /v1.
internal static class PathCase
{
    public static void Require(EndpointBuilder endpoint)
    {
        var next = endpoint.RequestDelegate!;
        endpoint.RequestDelegate = http => IsExact(http) ? next(http) : ErrorBody.WriteAsync(http, new BrokerException(BrokerErrorCode.NotFound, "Not Found"));
    }

    public static bool IsExact(HttpContext http) =>
        http.GetEndpoint() is not RouteEndpoint endpoint || IsExact(endpoint.RoutePattern, http.Request.Path);

    // Of a path that matches the pattern but for its case.
    public static bool IsExact(RoutePattern pattern, PathString path)
    {
        var rest = path.Value.AsSpan();
        for (var i = 0; i < pattern.PathSegments.Count && rest is ['/', ..]; i++)
        {
            rest = rest[1..];
            var end = rest.IndexOf('/');
            var segment = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[end..];
            if (pattern.PathSegments[i].Parts is [RoutePatternLiteralPart literal] && !segment.SequenceEqual(literal.Content))
            {
                return false;
            }
        }

        return true;
    }
}
