using System.Net.Http.Json;
using System.Text.Json;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;

namespace EventBroker.FunctionalTests.Streams;

// Settles by REST, as its users have to.
internal sealed class SseStream : StreamClient
{
    private const string ResultPrefix = "ACK_RESULT_";

    private readonly HttpClient _http;
    private readonly SseClient _sse;

    private SseStream(HttpClient http, SseClient sse)
    {
        _http = http;
        _sse = sse;
    }

    public static async Task<SseStream> OpenAsync(IServedBroker host, string eventName, StreamOptions options) =>
        new(host.Http, await SseClient.OpenAsync(host.Http, $"/v1/events/{eventName}/stream?{options.ToQuery()}"));

    public override async Task<Received> ReadAsync()
    {
        while (true)
        {
            var sent = await _sse.ReadAsync();
            switch (sent?.Name)
            {
                case "resumed":
                    Resumed = JsonDocument.Parse(sent.Data).RootElement.GetProperty("outcome").GetString();
                    break;
                case ":" or "waiting" or "subscribed":
                    break;
                default:
                    Assert.Equal("message", sent?.Name);
                    return Received.Of(JsonDocument.Parse(sent!.Data).RootElement);
            }
        }
    }

    public override async Task<string> SettleAsync(string ackId, string error = "", TimeSpan? delay = null, TimeSpan? extend = null)
    {
        var entry = new { ack_id = ackId, error, nack_delay = StreamText.Of(delay), extend = StreamText.Of(extend) };
        using var response = await _http.PostTextAsync("/v1/ack", JsonSerializer.Serialize(new { entries = new[] { entry } }));
        response.EnsureSuccessStatusCode();
        var result = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("results")[0].GetString()!;
        return result[ResultPrefix.Length..].ToLowerInvariant();
    }

    public override ValueTask DisposeAsync() => _sse.DisposeAsync();
}
