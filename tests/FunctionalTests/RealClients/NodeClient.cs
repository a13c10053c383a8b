using System.Diagnostics;
using System.Text.Json;

namespace EventBroker.FunctionalTests.RealClients;

// A client of somebody else's, run by Node: a script of the folder Node that tells what happens to it, a line of JSON each.
internal sealed class NodeClient : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private NodeClient(Process process) => _process = process;

    public static NodeClient Start(string script, params string[] arguments)
    {
        var folder = Path.Combine(Repository.Root, "tests", "FunctionalTests", "Node");
        if (!Directory.Exists(Path.Combine(folder, "node_modules")))
        {
            Assert.Fail($"The packages of {folder} are not installed: ./test.sh does it, or npm ci in that folder.");
        }

        var start = new ProcessStartInfo("node", [script, .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        return new NodeClient(Process.Start(start)!);
    }

    public async Task<JsonElement> ReadAsync()
    {
        var line = await _process.StandardOutput.ReadLineAsync().WaitAsync(Patience, TimeProvider.System);
        Assert.NotNull(line);
        return JsonDocument.Parse(line).RootElement;
    }

    // The next of a type; what comes before it must be of the others that are named.
    public async Task<JsonElement> ReadAsync(string type, params string[] others)
    {
        while (true)
        {
            var line = await ReadAsync();
            var got = line.GetProperty("type").GetString()!;
            if (got == type)
            {
                return line;
            }

            Assert.Contains(got, others);
        }
    }

    public async Task SendAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    // Ends it at once, with nothing said.
    public void Kill() => _process.Kill();

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
