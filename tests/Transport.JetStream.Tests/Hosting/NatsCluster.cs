using EventBroker.Nats.Tests;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.JetStream.Tests.Hosting;

[assembly: AssemblyFixture(typeof(NatsCluster.End))]

namespace EventBroker.Transport.JetStream.Tests.Hosting;

// Three servers, for all tests that want them.
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
        var servers = await NatsServers.StartClusterAsync(3);

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
