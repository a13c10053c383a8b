using System.Globalization;
using System.Text;
using HostileClient.Measuring;

namespace HostileClient.Report;

/// <summary>Memory, CPU and latencies of a run, one below the other, with the attacks behind them.</summary>
internal static class SvgPlot
{
    private const int Left = 60;
    private const int Top = 30;
    private const int Gap = 40;
    private const int NameHeight = 170;

    private static readonly string[] Colours = ["#1f5fbf", "#c0392b", "#1e8449", "#8e44ad"];

    public static string Draw(IReadOnlyList<Second> seconds, IReadOnlyList<string> measured)
    {
        var panels = new[]
        {
            new Panel("broker's memory, MiB", IsLogarithmic: false,
            [
                ("RSS", Colours[0], [.. seconds.Select(static s => s.Memory.Resident / 1048576.0)]),
                ("RssAnon", Colours[1], [.. seconds.Select(static s => s.Memory.Private / 1048576.0)]),
            ]),
            new Panel("broker's CPU, and its threads' waits for a core, % of a core", IsLogarithmic: false,
            [
                ("CPU", Colours[0], [.. seconds.Select(static s => s.Cpu)]),
                ("waiting", Colours[1], [.. seconds.Select(static s => s.Waited / 10)]),
            ]),
            new Panel("good subscriber's latency, ms", IsLogarithmic: true,
            [
                .. measured.SelectMany((name, i) => new[]
                {
                    ($"{name} p50", Colours[2 * i], seconds.Select(s => s.Latencies[i].Median).ToArray()),
                    ($"{name} p99", Colours[(2 * i) + 1], seconds.Select(s => s.Latencies[i].P99).ToArray()),
                }),
            ]),
        };
        var width = Math.Clamp(seconds.Count * 2, 700, 1600);
        var height = Top + (panels.Length * (Panel.Height + Gap)) + NameHeight;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Left + width + 20}\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n");
        DrawAttacks(svg, seconds, width, height - NameHeight);
        for (var i = 0; i < panels.Length; i++)
            panels[i].Draw(svg, Left, Top + (i * (Panel.Height + Gap)), width);

        return svg.Append("</svg>\n").ToString();
    }

    private static void DrawAttacks(StringBuilder svg, IReadOnlyList<Second> seconds, int width, int bottom)
    {
        var isDark = false;
        for (var from = 0; from < seconds.Count;)
        {
            var to = from;
            while (to < seconds.Count && seconds[to].Attack == seconds[from].Attack)
                to++;

            if (seconds[from].Attack.Length > 0)
            {
                var x = Left + ((double)width * from / seconds.Count);
                var span = (double)width * (to - from) / seconds.Count;
                isDark = !isDark;
                svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{x:0.0}\" y=\"{Top}\" width=\"{span:0.0}\" height=\"{bottom - Top}\" fill=\"{(isDark ? "#fbeee6" : "#fdf7f2")}\"/>");
                svg.Append(CultureInfo.InvariantCulture, $"<text transform=\"translate({x + (span / 2) + 4:0.0} {bottom + 4}) rotate(90)\">{seconds[from].Attack}</text>\n");
            }

            from = to;
        }
    }
}
