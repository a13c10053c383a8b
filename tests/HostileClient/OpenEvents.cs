using Benchmarks.Servers;

namespace HostileClient;

/// <summary>The events that guests may use, so that attacks get beyond NOT_FOUND.</summary>
internal static class OpenEvents
{
    public static async Task RegisterAsync(ServerAddresses server, CancellationToken cancellation)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        http.DefaultRequestHeaders.Add(Access.RoleHeader, Access.Guest);
        foreach (var name in new[] { Access.OpenEvent, Access.FloodEvent })
        {
            using var response = await http.PostAsync(new Uri(server.Http, $"/v1/events/{name}"), content: null, cancellation);
            response.EnsureSuccessStatusCode();
        }
    }
}
