using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace EventBroker.Endpoints.Http;

// Which web pages may call. Browsers send an Origin with every WebSocket, every cross-origin call and every call that
// changes something; other clients send none. A foreign page is refused and not only denied the answer, since a POST
// without preflight and a stream that settles have done their harm before the browser looks at the answer.
internal sealed class Origins(IOptions<EventBrokerOptions> options)
{
    private readonly HashSet<string> _allowed = new(options.Value.AllowedOrigins, StringComparer.OrdinalIgnoreCase);

    public bool IsAllowed(HttpRequest request, out string? foreign)
    {
        foreign = request.Headers.Origin.ToString();
        if (foreign.Length == 0 || IsOwn(foreign, request))
        {
            foreign = null;
            return true;
        }

        return _allowed.Contains("*") || _allowed.Contains(foreign);
    }

    // Lets an allowed page read the answer.
    public static void AllowReading(HttpResponse response, string origin)
    {
        response.Headers.AccessControlAllowOrigin = origin;
        response.Headers.Append(HeaderNames.Vary, HeaderNames.Origin);
    }

    // The scheme is left out: a proxy in front may have taken TLS off.
    private static bool IsOwn(string origin, HttpRequest request)
    {
        var authority = origin.AsSpan(origin.IndexOf("://", StringComparison.Ordinal) is var at and >= 0 ? at + 3 : 0);
        return authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase);
    }
}
