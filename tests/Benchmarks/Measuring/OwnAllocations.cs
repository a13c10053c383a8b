namespace Benchmarks.Measuring;

/// <summary>How many bytes this process has allocated.</summary>
internal static class OwnAllocations
{
    public static Task<long> ReadAsync(CancellationToken cancellation) => Task.FromResult(GC.GetTotalAllocatedBytes(precise: true));
}
