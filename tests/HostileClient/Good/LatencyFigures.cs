using System.Globalization;

namespace HostileClient.Good;

/// <summary>Latencies in milliseconds; NaN where there was no message.</summary>
internal sealed record LatencyFigures(int Count, double Median, double P99, double Longest)
{
    public static LatencyFigures Of(List<double> latencies)
    {
        if (latencies.Count == 0)
            return new LatencyFigures(0, double.NaN, double.NaN, double.NaN);

        var sorted = latencies.Order().ToArray();
        return new LatencyFigures(sorted.Length, At(0.5), At(0.99), sorted[^1]);

        double At(double share) => sorted[(int)(share * (sorted.Length - 1))];
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Count} messages, p50 {Median:0.00} ms, p99 {P99:0.00} ms, longest {Longest:0.0} ms");
}
