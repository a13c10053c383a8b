using System.Runtime.InteropServices;
using Benchmarks;
using Benchmarks.Bare;
using Benchmarks.Durable;
using Benchmarks.Report;
using Benchmarks.Scenarios;
using Benchmarks.Servers;

// The same program is the bare server: one build, one runtime configuration.
if (args is ["--bare", var grpc, var http, .. var file])
{
    await BareServer.RunAsync(new Uri(grpc), new Uri(http), file.FirstOrDefault());
    return 0;
}

BenchmarkSettings settings;
try
{
    settings = BenchmarkSettings.Parse(args);
}
catch (FormatException fault)
{
    await Console.Error.WriteLineAsync($"{fault.Message}\n\n{BenchmarkSettings.Usage}");
    return 2;
}

var scenarios = ScenarioCatalog.All
    .Where(scenario => settings.Only.Count == 0 || settings.Only.Exists(text => scenario.Name.Contains(text, StringComparison.OrdinalIgnoreCase)))
    .ToArray();
if (settings.List || scenarios.Length == 0)
{
    Console.WriteLine(string.Join('\n', ScenarioCatalog.All.Select(static scenario => scenario.Name)));
    return settings.List ? 0 : 2;
}

// Every way out leads through the disposal of the servers.
using var stopping = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var servers = new ServerFactory(settings.Host);
try
{
    if (settings is { Build: true, AgainstItself: false })
        await servers.BuildBrokerAsync(stopping.Token);

    if (settings.Durable)
    {
        await new DurableRun(settings, servers).RunAsync(stopping.Token);
        return 0;
    }

    return await TableWriter.RunAsync(scenarios, () => BenchmarkRun.StartAsync(settings, servers, stopping.Token), stopping.Token) ? 0 : 1;
}
catch (Exception) when (stopping.IsCancellationRequested)
{
    await Console.Error.WriteLineAsync("Stopped.");
    return 130;
}
catch (InvalidOperationException fault)
{
    await Console.Error.WriteLineAsync(fault.Message);
    return 1;
}

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stopping.Cancel();
}
