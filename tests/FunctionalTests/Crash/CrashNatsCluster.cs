using EventBroker.Nats.Tests;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace EventBroker.FunctionalTests.Crash;

// Three nats-servers that keep three copies of everything. The one that leads the stream is killed.
internal sealed class CrashNatsCluster : ICrashBackend, IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly NatsServer[] _servers;
    private readonly NatsConnection _connection;
    private Task _killing = Task.CompletedTask;
    private int _victim;

    private CrashNatsCluster(NatsServer[] servers, int kills)
    {
        (_servers, Kills) = (servers, kills);
        _connection = new NatsConnection(new NatsOpts { Url = string.Join(',', servers.Select(static s => s.Address)), MaxReconnectRetry = -1 });
    }

    public int Kills { get; }

    // A server of 2.9 that was to deliver something again to a host that has just died may do so as if for the first time.
    public bool ForgetsCounts => true;

    // For the same reason, and then it does not look whether another one has settled it.
    public bool RepeatsSettled => true;

    // As plugins.json names it.
    public string Transport => $$"""
        { "plugin": "jetstream", "settings": {
            "servers": [ {{string.Join(", ", _servers.Select(static s => $"\"{s.Address}\""))}} ],
            "replicas": 3, "ackWait": "3s", "deduplicationWindow": "1h" } }
        """;

    public static async Task<CrashNatsCluster> StartAsync(int kills)
    {
        var cluster = new CrashNatsCluster(await NatsServers.StartClusterAsync(3), kills);

        // Ready is each by itself before they have agreed on who leads.
        await cluster.EventuallyAsync(async js => await js.CreateStreamAsync(new StreamConfig("ready", ["ready"]) { NumReplicas = 3 }) is not null);
        return cluster;
    }

    public void Kill() => _killing = _servers[_victim].KillAsync();

    public Task EndedAsync() => _killing;

    // And all copies are the same again: a second death before that takes what only the first had.
    public async Task StartAgainAsync()
    {
        await _servers[_victim].StartAgainAsync();
        await FindLeaderAsync();
    }

    public Task CheckAsync() => Task.CompletedTask;

    public Task BeginAsync() => FindLeaderAsync();

    private async Task FindLeaderAsync() => await EventuallyAsync(async js =>
    {
        var cluster = (await js.GetStreamAsync("eb-" + CrashRun.Event)).Info.Cluster;
        _victim = Array.FindIndex(_servers, s => NatsServers.NameOf(Array.IndexOf(_servers, s)) == cluster?.Leader);
        return _victim >= 0 && cluster!.Replicas?.All(static r => r is { Current: true, Offline: false }) == true;
    });

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }
    }

    private async Task EventuallyAsync(Func<NatsJSContext, Task<bool>> isSo)
    {
        var js = new NatsJSContext(_connection);
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                if (await isSo(js))
                {
                    return;
                }
            }
            catch (Exception failure) when (
                failure is NatsException or OperationCanceledException && TimeProvider.System.GetElapsedTime(began) < Patience)
            {
                // Not yet.
            }

            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, "the servers do not agree");
            await Task.Delay(Pause, TimeProvider.System);
        }
    }
}
