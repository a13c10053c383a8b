using System.Diagnostics;
using System.Globalization;
using StackExchange.Redis;

namespace EventBroker.Transport.Redis.Tests.Servers;

/// <summary>A redis-server of the test's own, on loopback and a port that nobody else gets, with its files in a folder that goes with it.</summary>
internal sealed class RedisServer : IRedisBackend
{
    /// <summary>Stands for its port in its configuration.</summary>
    public const string PortMark = "{port}";

    private readonly ReservedPort _port = new();
    private readonly string[] _arguments;
    private readonly string? _sentinel;
    private Process? _process;
    private Process? _running;

    private RedisServer(string folder, string[] arguments, string? sentinel)
    {
        _sentinel = sentinel;
        Folder = folder;
        _arguments = arguments;
    }

    public int Port => _port.EndPoint.Port;

    public string Folder { get; }

    /// <summary>Gets or sets the port of its bus, if it is a node of a cluster.</summary>
    public string BusPort { get; set; } = "";

    public string ConnectionString => Address;

    public int? WirePort => Port;

    public string Address => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    public int ProcessId => _process!.Id;

    /// <summary>Starts a server.</summary>
    /// <param name="arguments">Its configuration, besides port and folder.</param>
    public static Task<RedisServer> StartAsync(params string[] arguments) => StartAsync(arguments, sentinel: null);

    /// <summary>Starts a Sentinel.</summary>
    /// <param name="lines">Its configuration.</param>
    public static Task<RedisServer> StartSentinelAsync(params string[] lines) => StartAsync([], string.Join('\n', lines));

    private static async Task<RedisServer> StartAsync(string[] arguments, string? sentinel)
    {
        var server = new RedisServer(Directory.CreateTempSubdirectory("eventbroker-redis-").FullName, arguments, sentinel);
        Assert.True(await server.TryStartAsync(), "redis-server does not start; is the package redis-server installed? Its folder is " + server.Folder);
        return server;
    }

    /// <summary>Connects past everything that stands between.</summary>
    public Task<ConnectionMultiplexer> ConnectAsync(string options = "") =>
        ConnectionMultiplexer.ConnectAsync($"{Address},allowAdmin=true{options}");

    /// <summary>Ends the server at once, as a crash does; returns before it is dead. Whoever comes second does nothing.</summary>
    public void Kill() => Interlocked.Exchange(ref _running, null)?.Kill();

    /// <summary>Ends the server at once, as a crash does.</summary>
    public async Task KillAsync()
    {
        Kill();
        await EndedAsync();
    }

    /// <summary>Waits until a server that was killed is dead.</summary>
    public async Task EndedAsync()
    {
        await _process!.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Makes it stand still, with its connections open.</summary>
    public void Stop() => Signal("STOP");

    /// <summary>Lets it go on.</summary>
    public void Continue() => Signal("CONT");

    /// <summary>Starts it again with its files.</summary>
    public async Task StartAgainAsync() => Assert.True(await TryStartAsync(), "redis-server does not start again");

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await KillAsync();
        }

        _port.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private void Signal(string signal)
    {
        using var kill = Process.Start("kill", ["-" + signal, ProcessId.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    private async Task<bool> TryStartAsync()
    {
        var start = new ProcessStartInfo("redis-server") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        var port = Port.ToString(CultureInfo.InvariantCulture);
        string[] common = ["--port", port, "--bind", "127.0.0.1", "--dir", Folder, "--daemonize", "no"];
        string[] own = ["--save", "", .. _arguments];
        if (_sentinel is not null)
        {
            // It writes into its configuration.
            var file = Path.Combine(Folder, "sentinel.conf");
            await File.WriteAllTextAsync(file, _sentinel + "\n");
            own = ["--sentinel"];
            common = [file, .. common];
        }

        foreach (var argument in common.Concat(own))
        {
            start.ArgumentList.Add(argument.Replace(PortMark, port, StringComparison.Ordinal));
        }

        var process = Process.Start(start)!;
        var ready = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        process.OutputDataReceived += (_, line) =>
        {
            // Null at the end: it did not start.
            if (line.Data is null || line.Data.Contains("Ready to accept connections", StringComparison.Ordinal)
                || line.Data.Contains("Sentinel ID is", StringComparison.Ordinal))
            {
                ready.TrySetResult(line.Data is not null);
            }
        };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (await ready.Task)
        {
            _process = _running = process;
            return true;
        }

        await process.WaitForExitAsync();
        process.Dispose();
        return false;
    }
}
