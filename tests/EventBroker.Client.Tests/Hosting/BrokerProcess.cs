using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;

namespace EventBroker.Client.Tests.Hosting;

// The real host over the log transport or another one, as a process that is killed rather than stopped: what it has not written down is
// gone. Each life has the same folder and the same addresses.
internal sealed class BrokerProcess : IRestartableBroker
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("eventbroker-process-");
    private readonly ReservedPort _grpc = new();
    private readonly ReservedPort _http = new();
    private readonly StringBuilder _errors = new();
    private readonly string _configuration;
    private Process? _process;
    private Process? _running;

    // Over a folder of its own, or over that of another one; or over another transport, as plugins.json names it. With further settings, each
    // followed by a comma.
    public BrokerProcess(
        string? logDirectory = null, string ackTimeout = "10m", string? transport = null, string settings = "", bool autoRegister = false)
    {
        LogDirectory = logDirectory ?? Path.Combine(_root.FullName, "log");
        transport ??= $$"""{ "plugin": "log", "settings": { "directory": "{{LogDirectory}}" } }""";
        _configuration = Path.Combine(_root.FullName, "plugins.json");
        File.WriteAllText(_configuration, $$"""
            {
              {{settings}}
              "listen": { "grpc": "{{Address.OriginalString}}", "http": "{{HttpAddress.OriginalString}}" },
              "transports": { "kept": {{transport}} },
              "routes": [ { "events": "*", "transport": "kept", "autoRegister": {{(autoRegister ? "true" : "false")}} } ],
              "authorizers": [ { "plugin": "allow-all" } ],
              "delivery": { "ackTimeout": "{{ackTimeout}}" },
              "logging": { "level": "warning" }
            }
            """);
    }

    public Uri Address => new($"http://127.0.0.1:{_grpc.EndPoint.Port}");

    public Uri HttpAddress => new($"http://127.0.0.1:{_http.EndPoint.Port}");

    public string LogDirectory { get; }

    // What its log warns of, and worse, in lines; of none the rest.
    public ConcurrentQueue<string> Warnings { get; } = new();

    public int ProcessId => _process!.Id;

    // What the broker called an error in any of its lives, and what it wrote when it failed.
    public string Errors
    {
        get
        {
            lock (_errors)
            {
                return _errors.ToString();
            }
        }
    }

    // Ends when it serves, or fails with what the process said instead.
    public async Task StartAsync()
    {
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ended = Launch(ready).WaitForExitAsync();
        if (await Task.WhenAny(ready.Task, ended).WaitAsync(Patience, TimeProvider.System) == ended)
        {
            Assert.Fail($"The broker ended with {_process!.ExitCode}: {Errors}");
        }
    }

    // Starts it and kills it when it has taken the folder and reads what is there.
    public async Task StartAndKillWhileLoadingAsync()
    {
        var taken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watcher = new FileSystemWatcher(LogDirectory, "holder");
        watcher.Changed += (_, _) => taken.TrySetResult();
        watcher.EnableRaisingEvents = true;
        Launch(new TaskCompletionSource());
        await taken.Task.WaitAsync(Patience, TimeProvider.System);
        await StopAsync();
    }

    // Starts it and waits for its end; what it said is in Errors.
    public async Task<int> RunAsync()
    {
        var process = Launch(new TaskCompletionSource());
        await process.WaitForExitAsync().WaitAsync(Patience, TimeProvider.System);
        return process.ExitCode;
    }

    // As with kill -9; returns before it is dead.
    public void Kill() => Interlocked.Exchange(ref _running, null)?.Kill();

    public Task EndedAsync() => _process!.WaitForExitAsync().WaitAsync(Patience, TimeProvider.System);

    public async Task StopAsync()
    {
        Kill();
        await EndedAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await StopAsync();
            _process.Dispose();
        }

        _grpc.Dispose();
        _http.Dispose();
        _root.Delete(recursive: true);
    }

    private Process Launch(TaskCompletionSource ready)
    {
        // All build outputs lie beside each other: <artifacts>/bin/<project>/<configuration>.
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        var host = Path.Combine(own.Parent!.Parent!.FullName, "EventBroker.Host", own.Name, "EventBroker.Host.dll");
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [host, "--config", _configuration])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        _process?.Dispose();
        var process = _process = _running = Process.Start(start)!;
        process.OutputDataReceived += (_, line) =>
        {
            // The last line of the banner.
            if (line.Data?.Contains("/messages", StringComparison.Ordinal) == true)
            {
                ready.TrySetResult();
            }

            if (line.Data?.Contains(" WRN ", StringComparison.Ordinal) == true)
            {
                Warnings.Enqueue(line.Data);
            }

            if (line.Data?.Contains(" ERR ", StringComparison.Ordinal) == true)
            {
                Warnings.Enqueue(line.Data);
                Note(line.Data);
            }
        };
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private void Note(string? line)
    {
        if (!string.IsNullOrEmpty(line))
        {
            lock (_errors)
            {
                _errors.AppendLine(line);
            }
        }
    }
}
