namespace EventBroker.Sdk.Plugins;

/// <summary>A transport plugin that has commands for operators: to check what it keeps, to repair it, to copy it away.</summary>
/// <remarks>The host runs one as <c>--transport NAME COMMAND ARGUMENTS</c>, in a process of its own that serves nobody; the broker itself may
/// run beside it over the same settings. A transport that keeps something has a command <c>check</c>.</remarks>
public interface ICommandPlugin
{
    /// <summary>Gets the commands.</summary>
    IReadOnlyList<PluginCommand> Commands { get; }
}
