using System.Globalization;
using System.Text;

namespace HostileClient.Report;

/// <summary>One diagram of the plot: curves over the seconds of the run.</summary>
/// <param name="Title">What it shows, with its unit.</param>
/// <param name="IsLogarithmic">Whether each step up is ten times as much.</param>
/// <param name="Curves">Their names, colours and values; NaN for no value.</param>
internal sealed record Panel(string Title, bool IsLogarithmic, IReadOnlyList<(string Name, string Colour, double[] Values)> Curves)
{
    public const int Height = 170;
    public const double Least = 0.1;

    public void Draw(StringBuilder svg, int left, int top, int width)
    {
        var values = Curves.SelectMany(static curve => curve.Values).Where(double.IsFinite).DefaultIfEmpty(1).ToArray();
        var most = IsLogarithmic ? Math.Pow(10, Math.Ceiling(Math.Log10(Math.Max(values.Max(), 1)))) : Math.Max(values.Max() * 1.1, 1);
        foreach (var tick in Ticks(most))
        {
            var y = Y(tick, most, top);
            svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{left} {y:0.0}h{width}\" stroke=\"#ddd\"/><text x=\"{left - 6}\" y=\"{y + 4:0.0}\" text-anchor=\"end\">{tick:0.##}</text>\n");
        }

        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{left}\" y=\"{top - 6}\" font-weight=\"bold\">{Title}</text>\n");
        for (var i = 0; i < Curves.Count; i++)
        {
            var (name, colour, all) = Curves[i];
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{left + width - (120 * (Curves.Count - i))}\" y=\"{top - 6}\" fill=\"{colour}\">{name}</text>\n<path fill=\"none\" stroke=\"{colour}\" d=\"");
            var pen = 'M';
            for (var at = 0; at < all.Length; at++)
            {
                if (!double.IsFinite(all[at]))
                {
                    pen = 'M';
                    continue;
                }

                svg.Append(CultureInfo.InvariantCulture, $"{pen}{left + (width * (at + 0.5) / all.Length):0.0} {Y(all[at], most, top):0.0}");
                pen = 'L';
            }

            svg.Append("\"/>\n");
        }
    }

    private IEnumerable<double> Ticks(double most)
    {
        if (!IsLogarithmic)
            return Enumerable.Range(0, 5).Select(i => most * i / 4);

        return Enumerable.Range(0, (int)Math.Round(Math.Log10(most / Least)) + 1).Select(static i => Least * Math.Pow(10, i));
    }

    private double Y(double value, double most, int top)
    {
        var share = IsLogarithmic ? Math.Log10(Math.Max(value, Least) / Least) / Math.Log10(most / Least) : value / most;
        return top + (Height * (1 - share));
    }
}
