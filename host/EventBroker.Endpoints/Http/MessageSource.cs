using Microsoft.AspNetCore.Http;

namespace EventBroker.Endpoints.Http;

// Who published a message: what the caller says in a header, otherwise "remote".
internal static class MessageSource
{
    private const string Remote = "remote";

    public static string Of(HttpRequest request)
    {
        if (!request.Headers.TryGetValue("x-source", out var values)
            && !request.Headers.TryGetValue("Grpc-Metadata-X-Source", out values))
        {
            return Remote;
        }

        var source = values[0];
        return string.IsNullOrEmpty(source) ? Remote : source;
    }
}
