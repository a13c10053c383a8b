using System.Globalization;

namespace Benchmarks;

/// <summary>How a run goes, from the command line.</summary>
internal sealed class BenchmarkSettings
{
    public const string Usage = """
        dotnet run -c Release --project tests/Benchmarks -- [options]
          --only <text>      only the lines whose name contains the text; may be given several times
          --rounds <n>       how many slices each server is measured for, in turns; default 5
          --seconds <n>      how long a slice takes; default 0.8
          --quick            short slices and two rounds: shows that everything runs, not how fast
          --host <dll>       this build of the broker's host, to compare versions; nothing is built
          --beside <dll>     another build of the host in the bare server's place: what a change costs
          --no-build         uses the broker's host as it was built last
          --against-itself   a second bare server in the broker's place: every ratio should be 1, the rest is noise
          --durable          the log transport beside bare SQLite and JetStream, in place of the table
          --list             prints the names of the lines
        """;

    public List<string> Only { get; } = [];

    public int Rounds { get; private set; } = 5;

    /// <summary>Gets the host's assembly; null for the one of this repository.</summary>
    public string? Host { get; private set; }

    /// <summary>Gets the host's assembly that takes the bare server's place; null for the bare server.</summary>
    public string? Beside { get; private set; }

    public bool Build { get; private set; } = true;

    public bool AgainstItself { get; private set; }

    public bool List { get; private set; }

    /// <summary>Gets whether to measure what durability costs.</summary>
    public bool Durable { get; private set; }

    /// <summary>Gets how long each server is measured in a round.</summary>
    public TimeSpan Slice { get; private set; } = TimeSpan.FromSeconds(0.8);

    /// <summary>Gets how long each server is loaded before the first round of a line.</summary>
    public TimeSpan WarmUp { get; private set; } = TimeSpan.FromSeconds(2);

    /// <summary>Reads the command line.</summary>
    /// <exception cref="FormatException">An argument is not known or lacks its value.</exception>
    public static BenchmarkSettings Parse(string[] arguments)
    {
        var settings = new BenchmarkSettings();
        var rounds = (int?)null;
        for (var i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "--only" when i + 1 < arguments.Length:
                    settings.Only.Add(arguments[++i]);
                    break;
                case "--rounds" when i + 1 < arguments.Length && int.TryParse(arguments[i + 1], CultureInfo.InvariantCulture, out var given) && given > 0:
                    rounds = given;
                    i++;
                    break;
                case "--seconds" when i + 1 < arguments.Length && double.TryParse(arguments[i + 1], CultureInfo.InvariantCulture, out var seconds) && seconds > 0:
                    settings.Slice = TimeSpan.FromSeconds(seconds);
                    i++;
                    break;
                case "--quick":
                    settings.Rounds = 2;
                    settings.Slice = TimeSpan.FromSeconds(0.3);
                    settings.WarmUp = TimeSpan.FromSeconds(0.5);
                    break;
                case "--host" when i + 1 < arguments.Length:
                    settings.Host = Path.GetFullPath(arguments[++i]);
                    settings.Build = false;
                    break;
                case "--beside" when i + 1 < arguments.Length:
                    settings.Beside = Path.GetFullPath(arguments[++i]);
                    break;
                case "--no-build":
                    settings.Build = false;
                    break;
                case "--against-itself":
                    settings.AgainstItself = true;
                    break;
                case "--durable":
                    settings.Durable = true;
                    break;
                case "--list":
                    settings.List = true;
                    break;
                default:
                    throw new FormatException($"{arguments[i]} is not an option, or lacks its value.");
            }
        }

        settings.Rounds = rounds ?? settings.Rounds;
        return settings;
    }
}
