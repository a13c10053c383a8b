using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using SystemProcess = System.Diagnostics.Process;

namespace EventBroker.PluginHosting.Tests.Process;

// The real host binary as a child process.
internal sealed partial class HostProcess : IAsyncDisposable
{
    private const int Sigterm = 15;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly SystemProcess _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task<string> _errors;
    private (string Text, TaskCompletionSource Seen)? _awaited;

    private HostProcess(SystemProcess process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
        process.OutputDataReceived += (_, line) => Read(line.Data);
        process.BeginOutputReadLine();
    }

    public static string Binary => Path.Combine(FixtureFolder.OutputOf("EventBroker.Host"), "EventBroker.Host.dll");

    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    public static HostProcess Start(string workingDirectory, string[] arguments, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [Binary, .. arguments])
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        return new HostProcess(SystemProcess.Start(start)!);
    }

    // Ends when the banner is complete, or fails with what the process said instead.
    public async Task WaitUntilReadyAsync()
    {
        var ended = _process.WaitForExitAsync();
        if (await Task.WhenAny(_ready.Task, ended).WaitAsync(Patience) == ended)
        {
            Assert.Fail($"The host ended with {_process.ExitCode}: {await _errors}{Output}");
        }
    }

    public async Task WaitForLineAsync(string text)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_output)
        {
            if (_output.ToString().Contains(text, StringComparison.Ordinal))
            {
                return;
            }

            _awaited = (text, seen);
        }

        await seen.Task.WaitAsync(Patience);
    }

    public async Task<(int ExitCode, string Errors)> WaitForExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return (_process.ExitCode, await _errors);
    }

    public void Terminate() => Assert.Equal(0, Kill(_process.Id, Sigterm));

    // The address in the banner's line for what is served there.
    public Uri AddressOf(string served) =>
        new(Output.Split('\n').First(l => l.Contains(served, StringComparison.Ordinal)).Trim().Split(' ')[0]);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    private void Read(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_output)
        {
            _output.AppendLine(line);
            if (_awaited is var (text, seen) && line.Contains(text, StringComparison.Ordinal))
            {
                seen.TrySetResult();
            }
        }

        // The last line of the banner, or in JSON the one about the transport: everything above it is there.
        if (line.Contains("/messages", StringComparison.Ordinal) || line.Contains("\"Id\":3004", StringComparison.Ordinal))
        {
            _ready.TrySetResult();
        }
    }
}
