using System.Diagnostics;

namespace Benchmarks.Servers;

/// <summary>A server in a process of its own, which ends with this object.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    public const string BareName = "bare";
    public const string BrokerName = "broker";

    private const int KeptLines = 40;
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly Queue<string> _lastLines = new();

    private readonly Action<string>? _heard;

    private ServerProcess(string name, ServerAddresses addresses, ProcessStartInfo start, Action<string>? heard)
    {
        Name = name;
        _heard = heard;
        Addresses = addresses;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.UseShellExecute = false;
        // What was set for the load process is not meant for the servers.
        foreach (var variable in start.Environment.Keys.Where(IsSettingOfAnother).ToArray())
            start.Environment.Remove(variable);

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
    }

    public string Name { get; }

    public ServerAddresses Addresses { get; }

    public int Id => _process.Id;

    /// <summary>Gets whether this is the ceiling and not the broker, so that loads must tell it what to send.</summary>
    public bool IsBare => Name == BareName;

    /// <summary>Starts the server and waits until it says that it is ready.</summary>
    public static async Task<ServerProcess> StartAsync(
        string name, ServerAddresses addresses, ProcessStartInfo start, CancellationToken cancellation, Action<string>? heard = null)
    {
        var server = new ServerProcess(name, addresses, start, heard);
        try
        {
            server._process.Start();
            server._process.BeginOutputReadLine();
            server._process.BeginErrorReadLine();
            await server.WaitUntilReadyAsync(cancellation);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Returns when the server has ended by itself, with what it said last.</summary>
    public async Task<InvalidOperationException> UnexpectedEndAsync(CancellationToken cancellation)
    {
        await _process.WaitForExitAsync(cancellation);
        return new InvalidOperationException($"The {Name} server ended with code {_process.ExitCode}.{LastLines()}");
    }

    public async ValueTask DisposeAsync()
    {
        if (HasStarted() && !_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    private static bool IsSettingOfAnother(string variable) =>
        variable.StartsWith("ASPNETCORE_", StringComparison.OrdinalIgnoreCase)
        || variable is "DOTNET_ENVIRONMENT" or "DOTNET_STARTUP_HOOKS"
        || variable.StartsWith("DOTNET_Tiered", StringComparison.OrdinalIgnoreCase)
        || variable.StartsWith("DOTNET_gc", StringComparison.OrdinalIgnoreCase);

    private bool HasStarted()
    {
        try
        {
            return _process.Id != 0;
        }
        catch (InvalidOperationException)
        {
            // No such process: Start was never reached or failed.
            return false;
        }
    }

    private async Task WaitUntilReadyAsync(CancellationToken cancellation)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(2) };
        var started = Stopwatch.GetTimestamp();
        var lastFault = "no answer yet";
        while (Stopwatch.GetElapsedTime(started) < StartTimeout)
        {
            if (_process.HasExited)
                throw new InvalidOperationException($"The {Name} server ended with code {_process.ExitCode} while starting.{LastLines()}");

            try
            {
                using var response = await http.GetAsync(new Uri(Addresses.Http, "/readyz"), cancellation);
                if (response.IsSuccessStatusCode)
                    return;

                lastFault = $"/readyz says {(int)response.StatusCode}";
            }
            catch (HttpRequestException fault)
            {
                lastFault = fault.Message;
            }
            catch (TaskCanceledException) when (!cancellation.IsCancellationRequested)
            {
                lastFault = "/readyz does not answer";
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellation);
        }

        throw new InvalidOperationException($"The {Name} server is not ready after {StartTimeout.TotalSeconds} s: {lastFault}.{LastLines()}");
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;

        _heard?.Invoke(line);
        lock (_lastLines)
        {
            if (_lastLines.Count == KeptLines)
                _lastLines.Dequeue();

            _lastLines.Enqueue(line);
        }
    }

    private string LastLines()
    {
        lock (_lastLines)
            return _lastLines.Count == 0 ? "" : $" Its last lines:\n  {string.Join("\n  ", _lastLines)}";
    }
}
