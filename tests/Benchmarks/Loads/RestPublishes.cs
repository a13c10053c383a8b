using System.Net.Http.Headers;

namespace Benchmarks.Loads;

/// <summary>REST publishes with HttpClient, a fixed number of them under way at a time.</summary>
internal sealed class RestPublishes(Uri target, byte[] body, int inFlight) : ILoad
{
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, ActivityHeadersPropagator = null });

    public async Task RunAsync(long messages, CancellationToken cancellation)
    {
        var left = messages;
        await Task.WhenAll(Enumerable.Range(0, inFlight).Select(_ => PublishAsync()));

        async Task PublishAsync()
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                using var content = new ByteArrayContent(body);
                content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
                using var request = new HttpRequestMessage(HttpMethod.Post, target) { Content = content };
                using var response = await _http.SendAsync(request, cancellation);
                response.EnsureSuccessStatusCode();
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }
}
