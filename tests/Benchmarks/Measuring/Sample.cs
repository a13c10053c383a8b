namespace Benchmarks.Measuring;

/// <summary>What one slice of a load cost its server.</summary>
internal sealed class Sample
{
    /// <summary>Gets what the line compares: CPU microseconds of a message, or KiB of a subscription.</summary>
    public required double Cost { get; init; }

    /// <summary>Gets how many messages went through in a second; null where that says nothing.</summary>
    public double? PerSecond { get; init; }

    /// <summary>Gets the managed bytes that the server allocated for each message, where that was measured.</summary>
    public double? AllocatedBytes { get; init; }
}
