using System.Runtime.InteropServices;
using Benchmarks.Servers;
using HostileClient;
using HostileClient.Attacker;
using HostileClient.Attacks;

// The same program makes the attacks, in a process of its own.
if (args is ["--attack", var grpc, var http, var seed, var seconds, .. var only])
    return await AttackerProgram.RunAsync(new Uri(grpc), new Uri(http), seed, seconds, only);

RunSettings settings;
try
{
    settings = RunSettings.Parse(args);
}
catch (FormatException fault)
{
    await Console.Error.WriteLineAsync($"{fault.Message}\n\n{RunSettings.Usage}");
    return 2;
}

if (settings.List || AttackCatalog.Named(settings.Only).Count == 0)
{
    Console.WriteLine(string.Join('\n', AttackCatalog.All.Select(static attack => attack.Name)));
    return settings.List ? 0 : 2;
}

// Every way out leads through the disposal of what was started.
using var stopping = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var servers = new ServerFactory(settings.Host);
try
{
    if (settings.Build)
        await servers.BuildBrokerAsync(stopping.Token);

    Console.WriteLine($"seed {settings.Seed}");
    return await new HostileRun(settings, servers).RunAsync(stopping.Token) ? 0 : 1;
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
