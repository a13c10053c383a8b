using Benchmarks.Servers;

namespace Benchmarks.Measuring;

/// <summary>A server and the counter of its allocations.</summary>
internal sealed class MeteredServer : IAsyncDisposable
{
    private MeteredServer(ServerProcess process, AllocationCounter allocations)
    {
        Process = process;
        Allocations = allocations;
    }

    public ServerProcess Process { get; }

    public AllocationCounter Allocations { get; }

    public static async Task<MeteredServer> StartAsync(Task<ServerProcess> starting, CancellationToken cancellation)
    {
        var process = await starting;
        try
        {
            return new MeteredServer(process, await AllocationCounter.AttachAsync(process.Id, cancellation));
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Allocations.DisposeAsync();
        await Process.DisposeAsync();
    }
}
