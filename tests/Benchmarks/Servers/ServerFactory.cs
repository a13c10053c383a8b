using System.Diagnostics;
using System.Text.Json;

namespace Benchmarks.Servers;

/// <summary>Starts brokers and bare servers; each call a new process.</summary>
internal sealed class ServerFactory(string? assembly) : IDisposable
{
    private readonly string _repository = FindRepository();
    private readonly string _folder = Directory.CreateTempSubdirectory("eventbroker-benchmarks-").FullName;

    private string HostAssembly => assembly ?? Path.Combine(_repository, "artifacts", "bin", "EventBroker.Host", "release", "EventBroker.Host.dll");

    /// <summary>Builds the broker's host with its plugins, in Release.</summary>
    public async Task BuildBrokerAsync(CancellationToken cancellation)
    {
        var start = Dotnet("build", Path.Combine(_repository, "host", "EventBroker.Host"), "-c", "Release", "--nologo", "-v", "quiet");
        start.RedirectStandardOutput = true;
        using var build = Process.Start(start) ?? throw new InvalidOperationException("dotnet build did not start.");
        try
        {
            var output = await build.StandardOutput.ReadToEndAsync(cancellation);
            await build.WaitForExitAsync(cancellation);
            if (build.ExitCode != 0)
                throw new InvalidOperationException($"The broker does not build:\n{output}");
        }
        finally
        {
            if (!build.HasExited)
                build.Kill();
        }
    }

    /// <summary>Starts a bare server.</summary>
    /// <param name="cancellation">Ends the wait for it.</param>
    /// <param name="file">The database that a publish is committed to; null for none.</param>
    public Task<ServerProcess> StartBareAsync(CancellationToken cancellation, string? file = null)
    {
        var addresses = ServerAddresses.FindFree();
        string[] store = file is null ? [] : [file];
        var start = Dotnet([typeof(ServerFactory).Assembly.Location, "--bare", addresses.Grpc.ToString(), addresses.Http.ToString(), .. store]);
        return ServerProcess.StartAsync(ServerProcess.BareName, addresses, start, cancellation);
    }

    /// <summary>Starts a broker.</summary>
    /// <param name="maxInFlight">How many unsettled messages of a subscription it allows; null for its defaults.</param>
    /// <param name="cancellation">Ends the wait for it.</param>
    /// <param name="transport">The transport's plugin and settings; null for memory.</param>
    /// <param name="host">The host's assembly; null for the one of the run.</param>
    /// <param name="authorizers">Who lets callers in, as in plugins.json; null for allow-all.</param>
    /// <param name="heard">Gets every line that the broker writes; null where nobody listens.</param>
    public async Task<ServerProcess> StartBrokerAsync(
        int? maxInFlight,
        CancellationToken cancellation,
        (string Plugin, object Settings)? transport = null,
        string? host = null,
        object[]? authorizers = null,
        Action<string>? heard = null)
    {
        var addresses = ServerAddresses.FindFree();
        var folder = Directory.CreateDirectory(Path.Combine(_folder, $"broker-{addresses.Http.Port}")).FullName;
        var settings = Path.Combine(folder, "plugins.json");
        await File.WriteAllTextAsync(settings, JsonSerializer.Serialize(new
        {
            pluginsDirectory = Path.Combine(Path.GetDirectoryName(host ?? HostAssembly)!, "plugins"),
            listen = new { grpc = addresses.Grpc.ToString().TrimEnd('/'), http = addresses.Http.ToString().TrimEnd('/') },
            transports = new { local = new { plugin = transport?.Plugin ?? "memory", settings = transport?.Settings ?? new { } } },
            routes = new[] { new { events = "*", transport = "local" } },
            authorizers = authorizers ?? [new { plugin = "allow-all" }],
            delivery = maxInFlight is null
                ? (object)new { }
                : new { maxInFlight, maxInFlightBytes = "256MiB", maxWaitingMessages = maxInFlight, maxWaitingBytes = "256MiB" },
        }), cancellation);
        var start = Dotnet(host ?? HostAssembly, "--config", settings);
        start.WorkingDirectory = folder;
        return await ServerProcess.StartAsync(ServerProcess.BrokerName, addresses, start, cancellation, heard);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static ProcessStartInfo Dotnet(params string[] arguments) =>
        new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", arguments);

    private static string FindRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "EventBroker.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException($"No EventBroker.sln above {AppContext.BaseDirectory}: run this from the repository.");
    }
}
