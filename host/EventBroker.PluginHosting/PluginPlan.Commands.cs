using EventBroker.Sdk.Plugins;

namespace EventBroker.PluginHosting;

// What plugins do for operators, without being started.
public sealed partial class PluginPlan
{
    /// <summary>Gets the names of the transports that have commands, with the commands.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<PluginCommand>> Commands => _instances
        .Where(static i => i.Kind == PluginKind.Transport && i.Plugin.Plugin is ICommandPlugin)
        .ToDictionary(static i => i.Name, static i => ((ICommandPlugin)i.Plugin.Plugin).Commands);

    /// <summary>Runs a command of a transport that has it (<see cref="Commands"/>).</summary>
    /// <param name="transport">The name of the transport.</param>
    /// <param name="command">One of its commands.</param>
    /// <param name="arguments">The command's arguments.</param>
    /// <param name="output">Where it writes.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="cancellationToken">The operator's end.</param>
    /// <returns>0 if all is well.</returns>
    public Task<int> RunCommandAsync(
        string transport,
        PluginCommand command,
        IReadOnlyList<string> arguments,
        TextWriter output,
        TimeProvider timeProvider,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(command);
        return command.RunAsync(new PluginCommandContext
        {
            Name = transport,
            Settings = _instances.First(i => i.Kind == PluginKind.Transport && i.Name == transport).Settings,
            Arguments = arguments,
            Output = output,
            TimeProvider = timeProvider,
            CancellationToken = cancellationToken,
        });
    }
}
