using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace EventBroker.Endpoints.Streaming;

// The server gives up connections that bring or take too little. A stream may be quiet for long in both directions, and the broker sees
// itself to a subscriber that takes nothing.
internal static class DataRates
{
    public static void Lift(HttpContext http)
    {
        LiftForRequest(http);

        // Not there over HTTP/2, where the server has one rate for all streams of a connection.
        if (http.Features.Get<IHttpMinResponseDataRateFeature>() is { } response)
        {
            response.MinDataRate = null;
        }
    }

    public static void LiftForRequest(HttpContext http)
    {
        if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } request)
        {
            request.MinDataRate = null;
        }
    }
}
