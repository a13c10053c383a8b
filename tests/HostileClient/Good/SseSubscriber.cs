using System.Text.Json;
using Benchmarks.Measuring;

namespace HostileClient.Good;

/// <summary>A page that watches an event over SSE.</summary>
internal sealed class SseSubscriber(HttpClient http, Uri server, string eventName, StallWatch stalls, Faults faults)
{
    private const string Data = "data: ";

    public Received Received { get; } = new(stalls);

    /// <summary>Subscribes, and returns once the subscription is open.</summary>
    public async Task<Task> OpenAsync(CancellationToken cancellation)
    {
        var address = new Uri(server, $"/v1/events/{eventName}/stream?auto_ack=true");
        var response = await http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellation);
        response.EnsureSuccessStatusCode();
        return ReadAsync(response, cancellation);
    }

    private async Task ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        using (response)
        {
            try
            {
                using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(cancellation));
                while (await lines.ReadLineAsync(cancellation) is { } line)
                {
                    if (line.StartsWith(Data, StringComparison.Ordinal))
                        Read(line);
                }

                faults.Add("the good SSE stream has ended");
            }
            catch (Exception fault)
            {
                // Unless the run is over.
                if (!cancellation.IsCancellationRequested)
                    faults.Add($"the good SSE stream has ended: {fault.Message}");
            }
        }
    }

    private void Read(string line)
    {
        using var message = JsonDocument.Parse(line.AsMemory(Data.Length));
        if (message.RootElement.TryGetProperty("payload", out var payload))
            Received.Add(payload.GetBytesFromBase64());
        else
            faults.Add($"the good SSE stream said {line}");
    }
}
