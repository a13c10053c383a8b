namespace EventBroker.Sdk.Plugins;

/// <summary>A command of a plugin for operators.</summary>
public sealed class PluginCommand
{
    /// <summary>Gets its name, in lower case without blanks. <c>check</c> looks without changing anything, takes no arguments, and answers 0 if all is well.</summary>
    public required string Name { get; init; }

    /// <summary>Gets its arguments as the usage shows them, such as <c>&lt;target file&gt;</c>; empty for none.</summary>
    public string Arguments { get; init; } = "";

    /// <summary>Gets what it does, in one sentence.</summary>
    public required string Description { get; init; }

    /// <summary>Gets what runs it. It writes for people, and returns 0 if all is well, anything else if not. An expected failure is a
    /// <see cref="Errors.BrokerException"/>, whose message is shown.</summary>
    public required Func<PluginCommandContext, Task<int>> RunAsync { get; init; }
}
