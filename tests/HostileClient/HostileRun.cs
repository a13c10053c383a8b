using System.Globalization;
using Benchmarks.Measuring;
using Benchmarks.Servers;
using HostileClient.Attacker;
using HostileClient.Good;
using HostileClient.Measuring;
using HostileClient.Report;

namespace HostileClient;

/// <summary>A quiet time, the attack, and a quiet time again, with a good client all along.</summary>
internal sealed class HostileRun(RunSettings settings, ServerFactory servers)
{
    private const double MostLinesInSecond = 20;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);

    // Small bounds on what is retained and on what waits to be delivered again, so that what is measured is not what the broker is to keep.
    private static readonly (string Plugin, object Settings) Transport =
        ("memory", new { retention = "5s", maxBytesPerEvent = "4MiB", maxTotalBytes = "8MiB", maxWaitingBytes = "4MiB" });

    private readonly BrokerLines _lines = new();
    private AttackerProcess? _attacker;

    /// <summary>Runs it, and writes what was seen.</summary>
    /// <returns>Whether the broker held.</returns>
    public async Task<bool> RunAsync(CancellationToken cancellation)
    {
        await using var broker = await servers.StartBrokerAsync(
            maxInFlight: null, cancellation, Transport, authorizers: settings.HasAuthorizer ? Access.Authorizers : [], heard: _lines.Hear);
        await using var good = await OpenGoodAsync(broker.Addresses, cancellation);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var sending = SendAsync(good, ending.Token);
        var sampler = new Sampler(broker.Id, good, () => _attacker?.Current ?? "");
        await Task.Delay(WarmUp, TimeProvider.System, cancellation);
        _ = good.Measured.Select(static measured => measured.Latencies.TakePhase()).ToArray();

        var sampling = sampler.RunAsync(ending.Token);
        var verdict = new Verdict();
        try
        {
            var ended = broker.UnexpectedEndAsync(ending.Token);
            await JudgeAsync(broker, good, verdict, ended, cancellation);
            foreach (var fault in await EndAsync(good, sending, ending, cancellation))
                verdict.Add(fault, holds: false);
        }
        catch (InvalidOperationException fault) when (!cancellation.IsCancellationRequested)
        {
            verdict.Add(fault.Message, holds: false);
        }

        await ending.CancelAsync();
        await sampling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await WriteAsync(sampler.Seconds, [.. good.Measured.Select(static measured => measured.Name)]);
        Console.WriteLine(verdict);
        return verdict.Holds;
    }

    private async Task<IGoodClient> OpenGoodAsync(ServerAddresses server, CancellationToken cancellation)
    {
        if (!settings.HasAuthorizer)
            return new HealthAsker(server);

        await OpenEvents.RegisterAsync(server, cancellation);
        return await MessagingClient.OpenAsync(server, Access.Good, Access.GoodEvent, cancellation);
    }

    private async Task JudgeAsync(ServerProcess broker, IGoodClient good, Verdict verdict, Task<InvalidOperationException> ended, CancellationToken cancellation)
    {
        await WaitAsync(Task.Delay(settings.Before, TimeProvider.System, cancellation), ended);
        var quiet = TakePhase(good, "quiet");

        // What runs for the first time is compiled, and stays: memory is compared with what it was after a first, short attack.
        await AttackAsync(broker, settings.FirstAttack, verdict, ended, cancellation);
        await WaitAsync(Task.Delay(settings.After, TimeProvider.System, cancellation), ended);
        var before = await ReadMemoryAsync(broker, cancellation);
        _ = TakePhase(good);

        await AttackAsync(broker, settings.Attack, verdict, ended, cancellation);
        var attacked = TakePhase(good, "under attack");
        await WaitAsync(Task.Delay(settings.After, TimeProvider.System, cancellation), ended);
        _ = TakePhase(good, "afterwards");
        var after = await ReadMemoryAsync(broker, cancellation);

        verdict.Add("the broker is alive", holds: true);
        verdict.AddMemory("memory (RSS) but for kept messages", before.Plain, after.Plain);
        verdict.AddMemory("memory (RssAnon) after a garbage collection, but for kept messages", before.Collected, after.Collected);
        for (var i = 0; i < quiet.Length; i++)
            verdict.AddLatency(good.Measured[i].Name, quiet[i].P99, attacked[i].P99);

        var most = MostLinesInSecond * settings.Whole.TotalSeconds;
        verdict.Add(string.Create(CultureInfo.InvariantCulture, $"the broker wrote {_lines.Count} lines, at most {most:0}"), _lines.Count <= most);
        foreach (var line in _lines.Errors)
            verdict.Add($"the broker wrote: {line}", holds: false);
    }

    private async Task AttackAsync(ServerProcess broker, TimeSpan duration, Verdict verdict, Task<InvalidOperationException> ended, CancellationToken cancellation)
    {
        await using (_attacker = AttackerProcess.Start(broker.Addresses, settings, duration, Console.WriteLine))
            await WaitAsync(_attacker.WaitAsync(cancellation), ended);

        foreach (var fault in _attacker.Faults)
            verdict.Add($"answered to {fault}", holds: false);
    }

    // The collection is asked for only after the plain figure was read, which an operator would see.
    private static async Task<(long Plain, long Collected)> ReadMemoryAsync(ServerProcess broker, CancellationToken cancellation)
    {
        var kept = await KeptMessages.ReadAsync(broker.Addresses, cancellation);
        var plain = ProcessMemory.Read(broker.Id).Resident;
        return (plain - kept, await PrivateMemory.ReadAfterCollectionAsync(broker.Id, cancellation) - kept);
    }

    private static LatencyFigures[] TakePhase(IGoodClient good, string? name = null)
    {
        var figures = good.Measured.Select(measured => (measured.Name, Figures: measured.Latencies.TakePhase())).ToArray();
        if (name is not null)
            Console.WriteLine($"{name}: {string.Join("; ", figures.Select(static f => $"{f.Name}: {f.Figures}"))}");

        return [.. figures.Select(static f => f.Figures)];
    }

    private static async Task WaitAsync(Task task, Task<InvalidOperationException> ended)
    {
        if (await Task.WhenAny(task, ended) == ended)
            throw await ended;

        await task;
    }

    private static async Task SendAsync(IGoodClient good, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(Pace);
        while (await timer.WaitForNextTickAsync(cancellation))
            good.Send();
    }

    private static async Task<IReadOnlyList<string>> EndAsync(IGoodClient good, Task sending, CancellationTokenSource ending, CancellationToken cancellation)
    {
        await ending.CancelAsync();
        await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return await good.EndAsync(cancellation);
    }

    private async Task WriteAsync(IReadOnlyList<Second> seconds, IReadOnlyList<string> measured)
    {
        var name = settings.HasAuthorizer ? "with-authorizer" : "without-authorizer";
        var folder = Directory.CreateDirectory(settings.Output).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, name + ".csv"), CsvFile.Write(seconds, measured), CancellationToken.None);
        await File.WriteAllTextAsync(Path.Combine(folder, name + ".svg"), SvgPlot.Draw(seconds, measured), CancellationToken.None);
        Console.WriteLine($"Written: {Path.Combine(folder, name)}.csv and .svg");
    }
}
