using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace EventBroker.Endpoints.Http;

// Which web pages may call. Browsers send an Origin with every WebSocket, every cross-origin call by a script and every call that
// changes something; an image, a frame or a link of a foreign page comes without one, and is told by Sec-Fetch-Site. Other clients send
// neither. A foreign page is refused and not only denied the answer, since a POST without preflight and a stream that settles have
// done their harm before the browser looks at the answer.
internal sealed class Origins(IOptions<EventBrokerOptions> options)
{
    private readonly HashSet<string> _allowed = new(options.Value.AllowedOrigins, StringComparer.OrdinalIgnoreCase);

    public bool IsAllowed(HttpRequest request, out string? foreign)
    {
        foreign = request.Headers.Origin.ToString();
        if (foreign.Length == 0)
        {
            // Which page it is remains unknown, so only "all of them" allows it.
            foreign = IsOfForeignPage(request) && !_allowed.Contains("*") ? "unknown" : null;
            return foreign is null;
        }

        if (IsOwn(foreign, request))
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

    // "none" is somebody at the address bar, "same-origin" a page of the broker's own address.
    private static bool IsOfForeignPage(HttpRequest request) =>
        request.Headers.TryGetValue("Sec-Fetch-Site", out var site) && (site == "cross-site" || site == "same-site");

    // The scheme is left out: a proxy in front may have taken TLS off.
    private static bool IsOwn(string origin, HttpRequest request)
    {
        var authority = origin.AsSpan(origin.IndexOf("://", StringComparison.Ordinal) is var at and >= 0 ? at + 3 : 0);
        return authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase);
    }
}
