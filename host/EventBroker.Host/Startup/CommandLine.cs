namespace EventBroker.Host.Startup;

// What the operator asks for: to serve, which is the default, to check, a command of a transport, or to be told something.
internal sealed record CommandLine(CommandKind Kind, string Configuration, string Transport, string[] Command)
{
    public const string Usage = """
        Usage: EventBroker.Host [--config <path of plugins.json>]                                     serves
               EventBroker.Host [--config <path>] --check                                             checks the configuration and the plugins; 0 if all is well
               EventBroker.Host [--config <path>] --transport <name> [<command> [<arguments>]]        runs a transport's command, or lists them
               EventBroker.Host --version | --help                                                    tells the version, or this
        """;

    private const string Variable = "EVENTBROKER_CONFIG";
    private const string FileName = "plugins.json";

    public static CommandLine Read(string[] args)
    {
        string? configuration = null;
        var kind = CommandKind.Serve;
        var transport = "";
        string[] command = [];
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--config" when i + 1 < args.Length && args[i + 1].Length > 0:
                    configuration = args[++i];
                    break;
                case var one when one.StartsWith("--config=", StringComparison.Ordinal) && one.Length > "--config=".Length:
                    configuration = one["--config=".Length..];
                    break;
                case "--help" or "-h" or "-?":
                    return new CommandLine(CommandKind.Help, "", "", []);
                case "--version":
                    return new CommandLine(CommandKind.Version, "", "", []);
                case "--check" when kind == CommandKind.Serve:
                    kind = CommandKind.Check;
                    break;
                case "--transport" when kind == CommandKind.Serve && i + 1 < args.Length && args[i + 1].Length > 0:
                    // Everything behind the name is the command's.
                    kind = CommandKind.Transport;
                    transport = args[i + 1];
                    command = args[(i + 2)..];
                    i = args.Length;
                    break;
                default:
                    throw new StartFault($"'{args[i]}' is not understood.{Environment.NewLine}{Usage}");
            }
        }

        return new CommandLine(kind, FindConfiguration(configuration), transport, command);
    }

    private static string FindConfiguration(string? path)
    {
        if (path is not null)
        {
            return Existing(path, "named by --config");
        }

        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } variable)
        {
            return Existing(variable, $"named by the environment variable {Variable}");
        }

        string[] places = [Path.GetFullPath(FileName), Path.Combine(AppContext.BaseDirectory, FileName)];
        return places.FirstOrDefault(File.Exists)
            ?? throw new StartFault($"There is no plugins.json: looked for {string.Join(" and ", places.Distinct())}. Name it with --config or {Variable}.");
    }

    private static string Existing(string path, string origin)
    {
        var full = Path.GetFullPath(path);
        return File.Exists(full) ? full : throw new StartFault($"{full}, {origin}, does not exist.");
    }
}
