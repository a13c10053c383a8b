using Benchmarks.Measuring;
using Benchmarks.Servers;

namespace Benchmarks.Scenarios;

/// <summary>The two servers of a run.</summary>
internal sealed class BenchmarkRun : IAsyncDisposable
{
    private readonly ServerFactory _servers;
    private int _events;

    private BenchmarkRun(BenchmarkSettings settings, ServerFactory servers, MeteredServer broker, MeteredServer bare)
    {
        Settings = settings;
        _servers = servers;
        Broker = broker;
        Bare = bare;
    }

    public BenchmarkSettings Settings { get; }

    public MeteredServer Broker { get; }

    public MeteredServer Bare { get; }

    public static async Task<BenchmarkRun> StartAsync(BenchmarkSettings settings, ServerFactory servers, CancellationToken cancellation)
    {
        var broker = await MeteredServer.StartAsync(StartBrokerAsync(settings, servers, cancellation), cancellation);
        try
        {
            var bare = await MeteredServer.StartAsync(StartBareAsync(settings, servers, cancellation), cancellation);
            return new BenchmarkRun(settings, servers, broker, bare);
        }
        catch
        {
            await broker.DisposeAsync();
            throw;
        }
    }

    public static async Task RegisterEventAsync(ServerProcess server, string name, CancellationToken cancellation)
    {
        using var http = new HttpClient();
        using var response = await http.PostAsync(new Uri(server.Addresses.Http, $"/v1/events/{name}"), content: null, cancellation);
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException($"The event could not be registered: {await response.Content.ReadAsStringAsync(cancellation)}");
    }

    /// <summary>Starts another broker.</summary>
    public Task<ServerProcess> StartBrokerAsync(CancellationToken cancellation) => StartBrokerAsync(Settings, _servers, cancellation);

    /// <summary>Starts another broker that allows so many unsettled messages of a subscription.</summary>
    public Task<ServerProcess> StartBrokerAsync(int maxInFlight, CancellationToken cancellation) => Settings.AgainstItself
        ? throw new InvalidOperationException("This line is about the broker alone.")
        : _servers.StartBrokerAsync(maxInFlight, cancellation);

    /// <summary>Starts another broker, with these authorizers.</summary>
    public Task<ServerProcess> StartBrokerAsync(object[] authorizers, CancellationToken cancellation) => Settings.AgainstItself
        ? throw new InvalidOperationException("This line is about the broker alone.")
        : _servers.StartBrokerAsync(maxInFlight: null, cancellation, authorizers: authorizers);

    /// <summary>Starts another bare server.</summary>
    public Task<ServerProcess> StartBareAsync(CancellationToken cancellation) => StartBareAsync(Settings, _servers, cancellation);

    /// <summary>Registers an event of its own for a line, so that no line reads what another one has published.</summary>
    public async Task<string> RegisterEventAsync(CancellationToken cancellation)
    {
        var name = $"bench.{++_events}";
        await RegisterEventAsync(Broker.Process, name, cancellation);
        await RegisterEventAsync(Bare.Process, name, cancellation);
        return name;
    }

    public async ValueTask DisposeAsync()
    {
        await Broker.DisposeAsync();
        await Bare.DisposeAsync();
    }

    private static Task<ServerProcess> StartBrokerAsync(BenchmarkSettings settings, ServerFactory servers, CancellationToken cancellation) =>
        settings.AgainstItself ? servers.StartBareAsync(cancellation) : servers.StartBrokerAsync(maxInFlight: null, cancellation);

    private static Task<ServerProcess> StartBareAsync(BenchmarkSettings settings, ServerFactory servers, CancellationToken cancellation) =>
        settings.Beside is null ? servers.StartBareAsync(cancellation) : servers.StartBrokerAsync(maxInFlight: null, cancellation, host: settings.Beside);
}
