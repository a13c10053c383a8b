using EventBroker.PluginHosting;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Plugins;

namespace EventBroker.Host.Startup;

// Runs what transports offer to operators; nothing is served meanwhile.
internal static class TransportCommands
{
    private const string Check = "check";

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
            return line.Check ? await CheckAsync(plugins, output, end.Token) : await RunOneAsync(line, plugins, output, end.Token);
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

    private static async Task<int> CheckAsync(PluginPlan plugins, TextWriter output, CancellationToken cancellationToken)
    {
        var result = 0;
        var any = false;
        foreach (var (transport, commands) in plugins.Commands)
        {
            if (commands.FirstOrDefault(static c => c.Name == Check) is not { } check)
            {
                continue;
            }

            any = true;
            await output.WriteLineAsync($"{transport}:");
            result = Math.Max(result, await plugins.RunCommandAsync(transport, check, [], output, TimeProvider.System, cancellationToken));
        }

        if (!any)
        {
            await output.WriteLineAsync("No transport keeps anything that could be checked.");
        }

        return result;
    }

    private static async Task<int> RunOneAsync(CommandLine line, PluginPlan plugins, TextWriter output, CancellationToken cancellationToken)
    {
        var transport = line.Transport!;
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
