using System.Globalization;

namespace Benchmarks.Measuring;

/// <summary>How late messages came.</summary>
internal sealed class Lateness
{
    private readonly List<double> _seen = [];

    /// <summary>Gets how many milliseconds late the latest came, without what this process itself was late.</summary>
    public double Latest { get; private set; }

    /// <summary>Adds a message.</summary>
    /// <param name="seen">How late this process saw it.</param>
    /// <param name="own">How much of that this process itself was late.</param>
    public void Add(TimeSpan seen, TimeSpan own)
    {
        _seen.Add(seen.TotalMilliseconds);
        Latest = Math.Max(Latest, (seen - own).TotalMilliseconds);
    }

    public override string ToString()
    {
        var sorted = _seen.Order().ToArray();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{sorted.Length} messages, median {At(0.5):0.0} ms late, p99 {At(0.99):0.0} ms, latest {At(1):0.0} ms, {Latest:0.0} ms without the client's own delay");

        double At(double share) => sorted[(int)(share * (sorted.Length - 1))];
    }
}
