using System.Globalization;
using System.Net;
using System.Net.Sockets;
using EventBroker.Nats.Tests;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.JetStream.Tests.Hosting;

[assembly: AssemblyFixture(typeof(NatsCluster.End))]

namespace EventBroker.Transport.JetStream.Tests.Hosting;

// Three servers with JetStream that know each other, for all tests that want them. They tell clients nothing of each other, so that
// a test can cut its transport off.
public static class NatsCluster
{
    private static readonly SemaphoreSlim Starting = new(1, 1);
    private static NatsServer[] _servers = [];

    internal static async Task<NatsServer> GetAsync()
    {
        await Starting.WaitAsync();
        try
        {
            if (_servers.Length == 0)
            {
                _servers = await StartAsync();
            }

            return _servers[0];
        }
        finally
        {
            Starting.Release();
        }
    }

    internal static async Task<NatsServer[]> StartAsync()
    {
        var routes = FreePorts(3).Select(static p => string.Create(CultureInfo.InvariantCulture, $"nats://127.0.0.1:{p}")).ToArray();
        var servers = await Task.WhenAll(routes.Select((own, i) => NatsServer.StartAsync(
            "-js", "-n", "n" + i, "--cluster_name", "c", "--cluster", own, "--no_advertise", "--routes", string.Join(',', routes))));

        // Ready is each by itself before they have agreed on who leads.
        await using var transport = await JetStreamTransports.StartAsync(servers[0].Address, static s => s.Replicas = 3);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (true)
        {
            try
            {
                await transport.RegisterAsync("ready", EventOptions.None, patience.Token);
                return servers;
            }
            catch (BrokerException failure) when (!patience.IsCancellationRequested && failure.Code != BrokerErrorCode.AlreadyExists)
            {
                // Not yet.
            }
        }
    }

    private static List<int> FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(static _ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(static l => l.Start());
        var ports = listeners.ConvertAll(static l => ((IPEndPoint)l.LocalEndpoint).Port);
        listeners.ForEach(static l => l.Dispose());
        return ports;
    }

    // Ends the servers with the tests.
    public sealed class End : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            foreach (var server in _servers)
            {
                await server.DisposeAsync();
            }
        }
    }
}
