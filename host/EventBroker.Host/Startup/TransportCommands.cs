using EventBroker.PluginHosting;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Plugins;

namespace EventBroker.Host.Startup;

// Runs what transports offer to operators; nothing is served meanwhile.
internal static class TransportCommands
{
    public static async Task<int> RunAsync(CommandLine line, PluginPlan plugins, TextWriter output)
    {
        using var end = new CancellationTokenSource();
        Console.CancelKeyPress += (_, press) =>
        {
            press.Cancel = true;
            end.Cancel();
        };
        try
        {
            return await RunOneAsync(line, plugins, output, end.Token);
        }
        catch (BrokerException failure)
        {
            await output.WriteLineAsync(failure.Message);
            return 1;
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            await output.WriteLineAsync("Given up.");
            return 1;
        }
    }

    private static async Task<int> RunOneAsync(CommandLine line, PluginPlan plugins, TextWriter output, CancellationToken cancellationToken)
    {
        var transport = line.Transport;
        if (!plugins.Commands.TryGetValue(transport, out var commands))
        {
            var known = plugins.Commands.Count == 0 ? "none has any" : $"those that have are {string.Join(", ", plugins.Commands.Keys)}";
            throw new StartFault($"There is no transport '{transport}' with commands; {known}.");
        }

        if (line.Command is [var name, .. var arguments])
        {
            if (commands.FirstOrDefault(c => c.Name == name) is { } command)
            {
                return await plugins.RunCommandAsync(transport, command, arguments, output, TimeProvider.System, cancellationToken);
            }

            throw new StartFault($"Transport '{transport}' has no command '{name}'.{Environment.NewLine}{List(commands)}");
        }

        await output.WriteLineAsync(List(commands));
        return 0;
    }

    private static string List(IReadOnlyList<PluginCommand> commands) => string.Join(
        Environment.NewLine, commands.Select(static c => $"  {(c.Name + " " + c.Arguments).TrimEnd(),-28} {c.Description}"));
}
