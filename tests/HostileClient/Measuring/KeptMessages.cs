using System.Globalization;
using System.Text.Json;
using Benchmarks.Servers;

namespace HostileClient.Measuring;

/// <summary>The bytes of messages that the broker keeps because it is to: those that are retained, and those that a worker group has given back.</summary>
internal static class KeptMessages
{
    /// <summary>Asks the broker's health.</summary>
    /// <returns>The bytes; 0 where whoever asks may not know, since nobody there may publish either.</returns>
    public static async Task<long> ReadAsync(ServerAddresses server, CancellationToken cancellation)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        http.DefaultRequestHeaders.Add(Access.RoleHeader, Access.Good);
        using var health = JsonDocument.Parse(await http.GetByteArrayAsync(new Uri(server.Http, "/v1/health"), cancellation));
        return health.RootElement.TryGetProperty("details", out var details)
            ? details.EnumerateObject()
                .Where(static d => d.Name.EndsWith(".retained_bytes", StringComparison.Ordinal) || d.Name.EndsWith(".waiting_bytes", StringComparison.Ordinal))
                .Sum(static d => long.Parse(d.Value.GetString()!, CultureInfo.InvariantCulture))
            : 0;
    }
}
