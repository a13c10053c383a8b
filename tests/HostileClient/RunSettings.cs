using System.Globalization;
using System.Security.Cryptography;

namespace HostileClient;

/// <summary>How a run goes, from the command line.</summary>
internal sealed class RunSettings
{
    public const string Usage = """
        dotnet run -c Release --project tests/HostileClient -- [options]
          --minutes <n>          how long the attack lasts, 1 to 600; default 10, with a quiet minute before and after it, and before that a
                                 first attack of 20 s after another quiet minute
          --quick                30 s in all: shows that everything runs, not that the broker holds
          --without-authorizer   a broker that denies every call; the good client asks for the broker's health
          --seed <n>             what is mutated and how; default a random one, which is printed
          --only <text>          only the attacks whose name contains the text; may be given several times
          --output <folder>      where the figures and the plot go; default artifacts/hostile
          --host <dll>           this build of the broker's host; nothing is built
          --no-build             uses the broker's host as it was built last
          --list                 prints the names of the attacks
        """;

    public TimeSpan Attack { get; private set; } = TimeSpan.FromMinutes(10);

    /// <summary>Gets how long nothing but the good client calls, before the attack.</summary>
    public TimeSpan Before { get; private set; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets how long the attack lasts after which memory is measured for the first time.</summary>
    public TimeSpan FirstAttack { get; private set; } = TimeSpan.FromSeconds(20);

    /// <summary>Gets how long nothing but the good client calls, after an attack.</summary>
    public TimeSpan After { get; private set; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets how long all of it lasts.</summary>
    public TimeSpan Whole => Before + FirstAttack + After + Attack + After;

    public bool HasAuthorizer { get; private set; } = true;

    public int Seed { get; private set; } = RandomNumberGenerator.GetInt32(int.MaxValue);

    public List<string> Only { get; } = [];

    public string Output { get; private set; } = Path.Combine("artifacts", "hostile");

    public bool Build { get; private set; } = true;

    /// <summary>Gets the host's assembly; null for the one of this repository.</summary>
    public string? Host { get; private set; }

    public bool List { get; private set; }

    /// <summary>Reads the command line.</summary>
    /// <exception cref="FormatException">An argument is not known or lacks its value.</exception>
    public static RunSettings Parse(string[] arguments)
    {
        var settings = new RunSettings();
        for (var i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "--minutes" when i + 1 < arguments.Length && IsNumber(arguments[i + 1], out var minutes) && minutes is >= 1 and <= 600:
                    settings.Attack = TimeSpan.FromMinutes(minutes);
                    i++;
                    break;
                case "--quick":
                    settings.Before = settings.FirstAttack = settings.After = TimeSpan.FromSeconds(4);
                    settings.Attack = TimeSpan.FromSeconds(14);
                    break;
                case "--without-authorizer":
                    settings.HasAuthorizer = false;
                    break;
                case "--seed" when i + 1 < arguments.Length && IsNumber(arguments[i + 1], out var seed):
                    settings.Seed = seed;
                    i++;
                    break;
                case "--only" when i + 1 < arguments.Length:
                    settings.Only.Add(arguments[++i]);
                    break;
                case "--output" when i + 1 < arguments.Length:
                    settings.Output = arguments[++i];
                    break;
                case "--host" when i + 1 < arguments.Length:
                    (settings.Host, settings.Build) = (Path.GetFullPath(arguments[++i]), false);
                    break;
                case "--no-build":
                    settings.Build = false;
                    break;
                case "--list":
                    settings.List = true;
                    break;
                default:
                    throw new FormatException($"{arguments[i]} is not an option, or lacks its value.");
            }
        }

        return settings;
    }

    private static bool IsNumber(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
