using System.Net;

namespace EventBroker.Client.Connections;

/// <summary>Lets only a broker's answers through. What a proxy, a load balancer or a web server in front of it says of its own is no answer of
/// the broker's, whatever status it has: the call did not get through, and may the next time.</summary>
internal sealed class AnswerFilter(HttpMessageHandler inner, ConnectionMonitor monitor) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (IsBrokers(response))
        {
            return response;
        }

        var status = response.StatusCode;
        response.Dispose();
        monitor.AnsweredBySomebodyElse();
        throw new HttpRequestException(
            $"HTTP {(int)status} came instead of a gRPC answer: something in front of the broker, or another server, has answered", inner: null, status);
    }

    // Either with a status of gRPC's at once, or with messages, whose status comes behind them.
    private static bool IsBrokers(HttpResponseMessage response) =>
        (response.StatusCode == HttpStatusCode.OK && response.Content.Headers.NonValidated.TryGetValues("content-type", out var type)
            && type.ToString().StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase))
        || response.Headers.NonValidated.Contains("grpc-status");
}
