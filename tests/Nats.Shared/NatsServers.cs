using System.Globalization;
using EventBroker.Client.Tests.Hosting;

namespace EventBroker.Nats.Tests;

// Servers with JetStream that know each other. They tell clients nothing of each other, so that a test can cut its transport off.
internal static class NatsServers
{
    // Ready is each by itself: they have not agreed yet on who leads.
    public static async Task<NatsServer[]> StartClusterAsync(int count)
    {
        var ports = Enumerable.Range(0, count).Select(static _ => new ReservedPort()).ToList();
        var routes = ports.ConvertAll(static p => $"nats://{p.EndPoint}");
        try
        {
            return await Task.WhenAll(routes.Select((own, i) => NatsServer.StartAsync(
                "-js", "-n", NameOf(i), "--cluster_name", "c", "--cluster", own, "--no_advertise", "--routes", string.Join(',', routes))));
        }
        finally
        {
            ports.ForEach(static p => p.Dispose());
        }
    }

    // As the servers call the one at this index.
    public static string NameOf(int index) => string.Create(CultureInfo.InvariantCulture, $"n{index}");
}
