using System.Globalization;

namespace Benchmarks.Report;

/// <summary>What a line should reach.</summary>
internal sealed class Goal
{
    private readonly Func<LineResult, IReadOnlyList<LineResult>, double?> _reached;
    private readonly double _limit;
    private readonly bool _isLeast;

    private Goal(string text, double limit, Func<LineResult, IReadOnlyList<LineResult>, double?> reached, bool isLeast = false)
    {
        Text = text;
        _limit = limit;
        _reached = reached;
        _isLeast = isLeast;
    }

    public string Text { get; }

    public static Goal RatioAtMost(double limit) =>
        new(Invariant($"ratio ≤ {limit}"), limit, static (line, _) => line.Ratio.Median);

    /// <summary>At least this share of the messages per second on the other side.</summary>
    public static Goal RateAtLeast(double share) =>
        new(Invariant($"messages/s ≥ {share} of bare"), share, static (line, _) => line.BrokerRate / line.BareRate, isLeast: true);

    public static Goal CostAtMost(double limit, string unit) =>
        new(Invariant($"≤ {limit} {unit}"), limit, static (line, _) => line.Broker.Median);

    public static Goal AllocatedAtMost(double bytes) =>
        new(Invariant($"≤ {bytes} B allocated"), bytes, static (line, _) => line.BrokerAllocated);

    public static Goal LatestAtMost(double milliseconds) =>
        new(Invariant($"≤ {milliseconds} ms late"), milliseconds, static (line, _) => line.Latest);

    /// <summary>At most this share of the broker's cost on another line.</summary>
    public static Goal ShareOf(string otherLine, double share, string text) =>
        new(text, share, (line, all) => line.Broker.Median / all.FirstOrDefault(other => other.Name == otherLine)?.Broker.Median);

    /// <summary>Says whether it was reached, and by what.</summary>
    public string Judge(LineResult line, IReadOnlyList<LineResult> all) => _reached(line, all) switch
    {
        null => "not measured",
        { } value when (_isLeast ? value >= _limit : value <= _limit) => Invariant($"yes ({value:0.##})"),
        { } value => Invariant($"**no** ({value:0.##})"),
    };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
