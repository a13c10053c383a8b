using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace EventBroker.Nats.Tests;

// A real nats-server as a process of its own, on a port of this machine that nobody else gets and in a folder of its own.
internal sealed class NatsServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly ConcurrentDictionary<NatsServer, bool> Running = new();

    private readonly ReservedPort _port = new();
    private readonly string[] _arguments;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("eventbroker-nats-");
    private Process? _process;

    // A test whose beginning fails disposes of nothing.
    static NatsServer() => AppDomain.CurrentDomain.ProcessExit += static (_, _) =>
    {
        foreach (var server in Running.Keys)
        {
            server._process?.Kill();
        }
    };

    private NatsServer(string[] arguments) => _arguments = arguments;

    // Another port that is this server's, and goes with it.
    public ReservedPort? RoutePort { get; set; }

    public int Port => _port.EndPoint.Port;

    public string Folder => _folder.FullName;

    public string Address => $"nats://127.0.0.1:{Port}";

    public static Task<NatsServer> StartAsync(params string[] arguments) => StartConfiguredAsync(null, arguments);

    /// <summary>Starts a server.</summary>
    /// <param name="configuration">What its configuration file holds; null for none. {folder} is its own folder.</param>
    /// <param name="arguments">More arguments; -js for JetStream.</param>
    /// <returns>The server, ready.</returns>
    public static async Task<NatsServer> StartConfiguredAsync(string? configuration, params string[] arguments)
    {
        var server = new NatsServer(arguments);
        if (configuration is not null)
        {
            await File.WriteAllTextAsync(
                Path.Combine(server.Folder, "server.conf"), configuration.Replace("{folder}", server.Folder, StringComparison.Ordinal));
        }

        await server.StartAsync();
        return server;
    }

    /// <summary>Starts it again, on its port and over what it left behind.</summary>
    public Task StartAgainAsync() => StartAsync();

    /// <summary>Ends it as hard as can be.</summary>
    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            Running.TryRemove(this, out _);
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    /// <summary>Sends it a signal.</summary>
    /// <param name="name">Such as STOP, CONT, USR2 (lame duck mode).</param>
    public async Task SignalAsync(string name)
    {
        using var kill = Process.Start("kill", ["-" + name, _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _port.Dispose();
        RoutePort?.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task StartAsync()
    {
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var start = new ProcessStartInfo("nats-server")
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        string[] own = ["-a", "127.0.0.1", "-p", Port.ToString(CultureInfo.InvariantCulture), "-sd", Path.Combine(Folder, "data")];
        string[] file = File.Exists(Path.Combine(Folder, "server.conf")) ? ["-c", Path.Combine(Folder, "server.conf")] : [];
        foreach (var argument in own.Concat(file).Concat(_arguments))
        {
            start.ArgumentList.Add(argument);
        }

        var said = new List<string>();
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.ErrorDataReceived += (_, line) => Read(line.Data);
        _process.OutputDataReceived += (_, line) => Read(line.Data);
        _process.Exited += (_, _) => ready.TrySetException(new InvalidOperationException("nats-server has ended: " + string.Join('\n', said)));
        _process.Start();
        Running[this] = true;
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        await ready.Task.WaitAsync(Patience);

        void Read(string? line)
        {
            if (line is null)
            {
                return;
            }

            said.Add(line);
            if (line.Contains("Server is ready", StringComparison.Ordinal))
            {
                ready.TrySetResult();
            }
        }
    }
}
