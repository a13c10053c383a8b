using System.Globalization;
using Benchmarks.Servers;
using HostileClient.Attacks;

namespace HostileClient.Attacker;

/// <summary>What the attacking process does.</summary>
internal static class AttackerProgram
{
    /// <summary>Makes the attacks, unless the process that started this one ends.</summary>
    public static async Task<int> RunAsync(Uri grpc, Uri http, string seed, string seconds, string[] only)
    {
        using var stopping = new CancellationTokenSource();
        _ = Task.Run(async () =>
        {
            await Console.In.ReadToEndAsync();
            await stopping.CancelAsync();
        });
        using var run = new AttackRun(
            new ServerAddresses { Grpc = grpc, Http = http },
            int.Parse(seed, CultureInfo.InvariantCulture),
            TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture)),
            AttackCatalog.Named(only));
        try
        {
            await run.RunAsync(stopping.Token);
            return 0;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return 1;
        }
    }
}
