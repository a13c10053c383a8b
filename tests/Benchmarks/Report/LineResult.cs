using Benchmarks.Measuring;

namespace Benchmarks.Report;

/// <summary>What was seen on one line of the table.</summary>
internal sealed class LineResult
{
    /// <summary>Compares the rounds of the two servers; they were measured in turns, so each pair has its own ratio.</summary>
    public LineResult(string name, string unit, IReadOnlyList<Sample> broker, IReadOnlyList<Sample> bare)
    {
        Name = name;
        Unit = unit;
        Broker = new Spread(broker.Select(static sample => sample.Cost));
        Bare = new Spread(bare.Select(static sample => sample.Cost));
        Ratio = new Spread(broker.Zip(bare, static (one, other) => one.Cost / other.Cost));
        BrokerRate = Median(broker, static sample => sample.PerSecond);
        BareRate = Median(bare, static sample => sample.PerSecond);
        BrokerAllocated = Median(broker, static sample => sample.AllocatedBytes);
        BareAllocated = Median(bare, static sample => sample.AllocatedBytes);
    }

    public string Name { get; }

    public string Unit { get; }

    public Spread Broker { get; }

    public Spread Bare { get; }

    public Spread Ratio { get; }

    public double? BrokerRate { get; }

    public double? BareRate { get; }

    public double? BrokerAllocated { get; }

    public double? BareAllocated { get; }

    /// <summary>Gets how many milliseconds after its time the latest message came back, where that was asked for.</summary>
    public double? Latest { get; init; }

    private static double? Median(IEnumerable<Sample> samples, Func<Sample, double?> value)
    {
        var known = samples.Select(value).OfType<double>().ToArray();
        return known.Length == 0 ? null : new Spread(known).Median;
    }
}
