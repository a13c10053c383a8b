using System.Globalization;
using System.Text;
using HostileClient.Measuring;

namespace HostileClient.Report;

/// <summary>The seconds of a run, one a line.</summary>
internal static class CsvFile
{
    public static string Write(IReadOnlyList<Second> seconds, IReadOnlyList<string> measured)
    {
        var text = new StringBuilder("second,attack,rss_mib,rss_anon_mib,cpu_percent,waited_for_core_ms");
        foreach (var name in measured)
            text.Append(CultureInfo.InvariantCulture, $",{name}_messages,{name}_p50_ms,{name}_p99_ms");

        foreach (var second in seconds)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{second.At:0.0},{second.Attack},{MiB(second.Memory.Resident):0.0},{MiB(second.Memory.Private):0.0},{second.Cpu:0.0},{second.Waited:0}");
            foreach (var figures in second.Latencies)
                text.Append(CultureInfo.InvariantCulture, $",{figures.Count},{Cell(figures.Median)},{Cell(figures.P99)}");
        }

        return text.Append('\n').ToString();
    }

    private static double MiB(long bytes) => bytes / (1024.0 * 1024);

    private static string Cell(double value) => double.IsNaN(value) ? "" : value.ToString("0.00", CultureInfo.InvariantCulture);
}
