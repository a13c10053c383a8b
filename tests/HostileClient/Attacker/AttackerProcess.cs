using System.Diagnostics;
using System.Globalization;
using Benchmarks.Servers;

namespace HostileClient.Attacker;

/// <summary>The attacks in a process of their own, so that what they cost is not what the good client is late.</summary>
internal sealed class AttackerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Action<string> _say;
    private readonly HashSet<string> _faults = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private volatile string _current = "";

    private AttackerProcess(ProcessStartInfo start, Action<string> say)
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.UseShellExecute = false;
        _say = say;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Hear(line.Data ?? "");
    }

    /// <summary>Gets the attack under way; empty for none.</summary>
    public string Current => _current;

    /// <summary>Gets what the broker answered and never should have.</summary>
    public IReadOnlyList<string> Faults
    {
        get
        {
            lock (_lock)
                return [.. _faults];
        }
    }

    public static AttackerProcess Start(ServerAddresses server, RunSettings settings, TimeSpan duration, Action<string> say)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
        [
            typeof(AttackerProcess).Assembly.Location,
            "--attack",
            server.Grpc.ToString(),
            server.Http.ToString(),
            settings.Seed.ToString(CultureInfo.InvariantCulture),
            duration.TotalSeconds.ToString(CultureInfo.InvariantCulture),
            .. settings.Only,
        ]);
        var attacker = new AttackerProcess(start, say);
        attacker._process.Start();
        attacker._process.BeginOutputReadLine();
        return attacker;
    }

    /// <summary>Waits until all attacks were made.</summary>
    /// <exception cref="InvalidOperationException">The attacks could not go on.</exception>
    public async Task WaitAsync(CancellationToken cancellation)
    {
        await _process.WaitForExitAsync(cancellation);
        _current = "";
        if (_process.ExitCode != 0)
            throw new InvalidOperationException($"The attacking process ended with code {_process.ExitCode}.");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    private void Hear(string line)
    {
        if (line.StartsWith(AttackLines.Begin, StringComparison.Ordinal))
        {
            _current = line[AttackLines.Begin.Length..];
        }
        else if (line.StartsWith(AttackLines.End, StringComparison.Ordinal))
        {
            _say(line[AttackLines.End.Length..]);
        }
        else if (line.StartsWith(AttackLines.Fault, StringComparison.Ordinal))
        {
            lock (_lock)
                _faults.Add(line[AttackLines.Fault.Length..]);
        }
    }
}
