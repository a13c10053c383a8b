using System.Globalization;

namespace HostileClient.Report;

/// <summary>What the broker had to keep, and whether it did.</summary>
internal sealed class Verdict
{
    private const double Tolerance = 1.1;
    private const long Allowance = 16 * 1024 * 1024;
    private const double SlowerAtMost = 3;

    private readonly List<(string What, bool Holds)> _points = [];

    public bool Holds => _points.TrueForAll(static point => point.Holds);

    public void Add(string what, bool holds) => _points.Add((what, holds));

    /// <summary>Memory may grow by a tenth and 16 MiB.</summary>
    public void AddMemory(string name, long before, long after)
    {
        var most = (long)(before * Tolerance) + Allowance;
        Add(string.Create(CultureInfo.InvariantCulture, $"{name}: {MiB(before):0.0} MiB before, {MiB(after):0.0} MiB after, at most {MiB(most):0.0} MiB"), after <= most);
    }

    /// <summary>The 99th percentile may be three times that of the quiet time.</summary>
    public void AddLatency(string name, double quiet, double attacked) => Add(
        string.Create(CultureInfo.InvariantCulture, $"{name} p99: {quiet:0.00} ms quiet, {attacked:0.00} ms under attack, {attacked / quiet:0.00} times, at most {SlowerAtMost}"),
        attacked <= quiet * SlowerAtMost);

    public override string ToString() =>
        string.Join('\n', _points.Select(static point => $"  {(point.Holds ? "yes" : "NO ")}  {point.What}")) + $"\nVerdict: {(Holds ? "held" : "did not hold")}.";

    private static double MiB(long bytes) => bytes / (1024.0 * 1024);
}
