using System.Globalization;
using System.Text;

namespace Benchmarks.Report;

/// <summary>The table as Markdown, to be read in a terminal and pasted into a document.</summary>
internal static class MarkdownTable
{
    public const string Header =
        "| line | unit | broker | bare | ratio | messages/s, broker / bare | allocated B, broker / bare | goal | reached |\n"
        + "|---|---|---|---|---|---|---|---|---|";

    public static string Row(LineResult line, IReadOnlyList<Goal> goals, IReadOnlyList<LineResult> all)
    {
        var row = new StringBuilder($"| {line.Name} | {line.Unit} | {Cell(line.Broker)} | {Cell(line.Bare)} | {Cell(line.Ratio)}");
        row.Append($" | {Pair(line.BrokerRate, line.BareRate)} | {Pair(line.BrokerAllocated, line.BareAllocated)}");
        row.Append($" | {string.Join("; ", goals.Select(static goal => goal.Text))}");
        row.Append($" | {string.Join("; ", goals.Select(goal => goal.Judge(line, all)))} |");
        return row.ToString();
    }

    private static string Cell(Spread spread) => $"{Figure(spread.Median)} ({Figure(spread.Min)}–{Figure(spread.Max)})";

    private static string Pair(double? broker, double? bare) =>
        broker is null && bare is null ? "" : $"{Count(broker)} / {Count(bare)}";

    private static string Count(double? value) => value?.ToString(Math.Abs(value.Value) < 10 ? "0.#" : "#,0", CultureInfo.InvariantCulture) ?? "–";

    private static string Figure(double value) =>
        value.ToString(value switch { < 10 => "0.00", < 100 => "0.0", _ => "0" }, CultureInfo.InvariantCulture);
}
