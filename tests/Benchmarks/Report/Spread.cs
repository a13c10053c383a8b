namespace Benchmarks.Report;

/// <summary>The median of some rounds, and how far they lay apart.</summary>
internal sealed class Spread
{
    public Spread(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        Min = sorted[0];
        Max = sorted[^1];
        Median = (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    public double Median { get; }

    public double Min { get; }

    public double Max { get; }
}
