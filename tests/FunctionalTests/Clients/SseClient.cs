using System.Text.Json;

namespace EventBroker.FunctionalTests.Clients;

// Reads server-sent events as a browser would, and keeps comments as events named ":".
internal sealed class SseClient : IAsyncDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _reader;

    private SseClient(HttpResponseMessage response, StreamReader reader)
    {
        _response = response;
        _reader = reader;
    }

    public HttpResponseMessage Response => _response;

    public static async Task<SseClient> OpenAsync(HttpClient http, string path, string? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }

        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        var client = new SseClient(response, new StreamReader(await response.Content.ReadAsStreamAsync()));
        Assert.Equal("retry: 5000", await client._reader.ReadLineAsync());
        Assert.Equal("", await client._reader.ReadLineAsync());
        Assert.Equal(": connected", await client._reader.ReadLineAsync());
        Assert.Equal("", await client._reader.ReadLineAsync());
        return client;
    }

    // Null at the end of the stream.
    public async Task<SseEvent?> ReadAsync()
    {
        string? name = null, data = null, id = null;
        while (await _reader.ReadLineAsync() is { } line)
        {
            if (line.Length == 0)
            {
                return new SseEvent(name ?? "", data ?? "", id);
            }

            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var value = line[(colon + 1)..].TrimStart();
            switch (line[..colon])
            {
                case "":
                    (name, data) = (":", value);
                    break;
                case "event":
                    name = value;
                    break;
                case "data":
                    data = value;
                    break;
                case "id":
                    id = value;
                    break;
                case "retry":
                    (name, data) = ("retry", value);
                    break;
                default:
                    throw new FormatException("not a line of server-sent events: " + line);
            }
        }

        return null;
    }

    public async Task<JsonElement> ReadMessageAsync()
    {
        var sent = await ReadAsync();
        Assert.Equal("message", sent?.Name);
        return JsonDocument.Parse(sent!.Data).RootElement;
    }

    public ValueTask DisposeAsync()
    {
        _reader.Dispose();
        _response.Dispose();
        return default;
    }
}
