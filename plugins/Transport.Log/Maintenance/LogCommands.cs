using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Plugins;
using EventBroker.Transport.Log.Storage;

namespace EventBroker.Transport.Log.Maintenance;

/// <summary>What an operator can do with a log.</summary>
internal static class LogCommands
{
    public static IReadOnlyList<PluginCommand> All { get; } =
    [
        new PluginCommand
        {
            Name = "check",
            Description = "Reads everything and says what is damaged; the broker may run meanwhile.",
            RunAsync = static context => Task.FromResult(new LogCheck(FileOf(context), context.Output).Run(context.CancellationToken) ? 0 : 1),
        },
        new PluginCommand
        {
            Name = "repair",
            Arguments = "<new folder>",
            Description = "Saves what is readable into a new log; the broker must not run.",
            RunAsync = static context => Task.FromResult(new LogRepair(FileOf(context), context.Output).Run(Target(context), context.CancellationToken)),
        },
        new PluginCommand
        {
            Name = "backup",
            Arguments = "<new file>",
            Description = "Copies everything as it is at this moment into a new file; the broker may run meanwhile.",
            RunAsync = static context => Task.FromResult(LogBackup.Run(FileOf(context), Target(context), context.Output)),
        },
    ];

    private static string FileOf(PluginCommandContext context)
    {
        var directory = Path.GetFullPath(((LogSettings)context.Settings).Directory);
        var file = Path.Combine(directory, LogDirectory.DatabaseName);
        return File.Exists(file)
            ? file
            : throw new BrokerException(BrokerErrorCode.NotFound, $"There is no log in {directory} yet.");
    }

    private static string Target(PluginCommandContext context)
    {
        if (context.Arguments is not [{ Length: > 0 } target])
        {
            throw new BrokerException(BrokerErrorCode.InvalidArgument, "Name where to, and nothing else.");
        }

        var full = Path.GetFullPath(target);
        return Path.Exists(full)
            ? throw new BrokerException(BrokerErrorCode.AlreadyExists, $"{full} exists; name a place that does not.")
            : full;
    }
}
