using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace EventBroker.Nats.Tests;

// Servers with JetStream that know each other. They tell clients nothing of each other, so that a test can cut its transport off.
internal static class NatsServers
{
    // Ready is each by itself: they have not agreed yet on who leads.
    public static Task<NatsServer[]> StartClusterAsync(int count)
    {
        var routes = FreePorts(count).Select(static p => string.Create(CultureInfo.InvariantCulture, $"nats://127.0.0.1:{p}")).ToArray();
        return Task.WhenAll(routes.Select((own, i) => NatsServer.StartAsync(
            "-js", "-n", NameOf(i), "--cluster_name", "c", "--cluster", own, "--no_advertise", "--routes", string.Join(',', routes))));
    }

    // As the servers call the one at this index.
    public static string NameOf(int index) => string.Create(CultureInfo.InvariantCulture, $"n{index}");

    private static List<int> FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(static _ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(static l => l.Start());
        var ports = listeners.ConvertAll(static l => ((IPEndPoint)l.LocalEndpoint).Port);
        listeners.ForEach(static l => l.Dispose());
        return ports;
    }
}
