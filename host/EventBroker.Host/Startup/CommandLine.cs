namespace EventBroker.Host.Startup;

// What the operator asks for: to serve, which is the default, or a command of a transport.
internal sealed record CommandLine(string Configuration, bool Check, string? Transport, string[] Command)
{
    private const string Variable = "EVENTBROKER_CONFIG";
    private const string FileName = "plugins.json";

    private const string Usage = """
        Usage: EventBroker.Host [--config <path of plugins.json>]                                     serves
               EventBroker.Host [--config <path>] --check                                             checks what the transports keep
               EventBroker.Host [--config <path>] --transport <name> [<command> [<arguments>]]        runs a transport's command, or lists them
        """;

    public bool Serves => !Check && Transport is null;

    public static CommandLine Read(string[] args)
    {
        string? configuration = null;
        var check = false;
        string? transport = null;
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
                case "--check":
                    check = true;
                    break;
                case "--transport" when i + 1 < args.Length && args[i + 1].Length > 0:
                    // Everything behind the name is the command's.
                    transport = args[i + 1];
                    command = args[(i + 2)..];
                    i = args.Length;
                    break;
                default:
                    throw new StartFault(Usage);
            }
        }

        return check && transport is not null
            ? throw new StartFault(Usage)
            : new CommandLine(FindConfiguration(configuration), check, transport, command);
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
