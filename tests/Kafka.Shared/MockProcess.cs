using System.Diagnostics;
using System.Globalization;

namespace EventBroker.Kafka.Shared;

/// <summary>The process with the mock clusters: they share librdkafka's threads and locks with nobody, and outlive what the tests kill.</summary>
internal sealed class MockProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly SemaphoreSlim _turn = new(1);

    private MockProcess(Process process) => _process = process;

    public static MockProcess Start()
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Kafka.Mock.dll"));
        return new MockProcess(Process.Start(start)!);
    }

    /// <summary>Makes a cluster.</summary>
    /// <param name="brokers">How many brokers it has; their ids count from 1.</param>
    /// <param name="rebalanceDelay">How long a new group waits for more members.</param>
    public async Task<MockCluster> NewClusterAsync(int brokers = 1, int rebalanceDelay = 50)
    {
        var answer = await AskAsync(string.Create(CultureInfo.InvariantCulture, $"new {brokers} {rebalanceDelay}"));
        var space = answer.IndexOf(' ', StringComparison.Ordinal);
        return new MockCluster(this, answer[..space], answer[(space + 1)..]);
    }

    public async Task<string> AskAsync(string command)
    {
        await _turn.WaitAsync();
        try
        {
            await _process.StandardInput.WriteLineAsync(command);
            await _process.StandardInput.FlushAsync();
            return await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("the mock clusters have ended");
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
        }

        _process.Dispose();
        _turn.Dispose();
    }
}
