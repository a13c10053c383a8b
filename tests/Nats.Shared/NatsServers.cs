using System.Globalization;

namespace EventBroker.Nats.Tests;

// Servers with JetStream that know each other. They tell clients nothing of each other, so that a test can cut its transport off.
internal static class NatsServers
{
    // Ready is each by itself: they have not agreed yet on who leads.
    public static Task<NatsServer[]> StartClusterAsync(int count)
    {
        var ports = Enumerable.Range(0, count).Select(static _ => new ReservedPort()).ToArray();
        var routes = string.Join(',', ports.Select(RouteOf));
        return Task.WhenAll(ports.Select(async (own, i) =>
        {
            var server = await NatsServer.StartAsync(
                "-js", "-n", NameOf(i), "--cluster_name", "c", "--cluster", RouteOf(own), "--no_advertise", "--routes", routes);
            server.RoutePort = own;
            return server;
        }));
    }

    // As the servers call the one at this index.
    public static string NameOf(int index) => string.Create(CultureInfo.InvariantCulture, $"n{index}");

    private static string RouteOf(ReservedPort port) => $"nats://{port.EndPoint}";
}
