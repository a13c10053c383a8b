using System.Net;
using EventBroker.Client.Errors;

namespace EventBroker.Client.Connections;

/// <summary>Lets only a broker's answers through. What a proxy, a load balancer or a web server in front of it says of its own is no answer of
/// the broker's, whatever status it has: the call did not get through, and may the next time.</summary>
/// <remarks>Some proxies speak gRPC, and refuse with a status of its. EventBroker signs its refusals, so once one is known to be there, what has no
/// signature is not its own. Of another server's refusals, and before the first signature was seen, nobody can tell.</remarks>
internal sealed class AnswerFilter(HttpMessageHandler inner, ConnectionMonitor monitor) : DelegatingHandler(inner)
{
    // With the answers to some calls.
    private const string Contract = "eventbroker-contract";
    private const string StatusHeader = "grpc-status";

    private volatile bool _isSigning;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.Headers.NonValidated.Contains(RpcErrors.Refusal) || response.Headers.NonValidated.Contains(Contract))
        {
            _isSigning = true;
            return response;
        }

        var refusal = Refusal(response);
        if (refusal is null ? IsStream(response) : !_isSigning)
        {
            return response;
        }

        var status = response.StatusCode;
        response.Dispose();
        monitor.AnsweredBySomebodyElse();
        throw new HttpRequestException(
            refusal is null
                ? $"HTTP {(int)status} came instead of a gRPC answer: something in front of the broker, or another server, has answered"
                : $"the gRPC status {refusal} is not the broker's: something in front of it has answered",
            inner: null,
            status);
    }

    // With messages, whose status comes behind them.
    private static bool IsStream(HttpResponseMessage response) =>
        response.StatusCode == HttpStatusCode.OK && response.Content.Headers.NonValidated.TryGetValues("content-type", out var type)
        && type.ToString().StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase);

    // A status at once, without any message.
    private static string? Refusal(HttpResponseMessage response) =>
        response.Headers.NonValidated.TryGetValues(StatusHeader, out var status) && status.ToString() is var text && text != "0" ? text : null;
}
