using System.Diagnostics;
using Benchmarks.Measuring;
using Benchmarks.Servers;

namespace HostileClient.Good;

/// <summary>Somebody who asks how the broker is: all that a broker without an authorizer answers.</summary>
internal sealed class HealthAsker : IGoodClient
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly StallWatch _stalls = new();
    private readonly Faults _faults = new();
    private readonly Latencies _latencies = new();
    private readonly HttpClient _http;
    private readonly List<Task> _asked = [];

    public HealthAsker(ServerAddresses server) =>
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = server.Http, Timeout = Patience };

    public IReadOnlyList<(string Name, Latencies Latencies)> Measured => [("health", _latencies)];

    public void Send()
    {
        _asked.RemoveAll(static asked => asked.IsCompleted);
        _asked.Add(AskAsync());
    }

    public async Task<IReadOnlyList<string>> EndAsync(CancellationToken cancellation)
    {
        await Task.WhenAll(_asked);
        return _faults.ToList();
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return _stalls.DisposeAsync();
    }

    private async Task AskAsync()
    {
        try
        {
            var sent = Stopwatch.GetTimestamp();
            using var response = await _http.GetAsync(new Uri("/v1/health", UriKind.Relative));
            var now = Stopwatch.GetTimestamp();
            var latency = Stopwatch.GetElapsedTime(sent, now) - _stalls.LostBetween(sent, now);
            _latencies.Add(latency < TimeSpan.Zero ? TimeSpan.Zero : latency);
            if (!response.IsSuccessStatusCode)
                _faults.Add($"health was answered {(int)response.StatusCode}");
        }
        catch (Exception fault) when (fault is HttpRequestException or OperationCanceledException)
        {
            _faults.Add($"health was not answered: {fault.Message}");
        }
    }
}
