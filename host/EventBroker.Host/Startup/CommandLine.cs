namespace EventBroker.Host.Startup;

// Finds plugins.json.
internal static class CommandLine
{
    private const string Variable = "EVENTBROKER_CONFIG";
    private const string FileName = "plugins.json";

    public static string FindConfiguration(string[] args)
    {
        string? path = args switch
        {
            [] => null,
            ["--config", { Length: > 0 } value] => value,
            [var one] when one.StartsWith("--config=", StringComparison.Ordinal) => one["--config=".Length..],
            _ => throw new StartFault("Usage: EventBroker.Host [--config <path of plugins.json>]"),
        };
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
