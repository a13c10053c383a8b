using System.Diagnostics;
using System.Net.Sockets;
using System.Net.WebSockets;
using Benchmarks.Servers;
using HostileClient.Wire;

namespace HostileClient.Attacker;

/// <summary>The attacks, one after the other and then all at once, as often as the time allows.</summary>
internal sealed class AttackRun(ServerAddresses server, int seed, TimeSpan duration, IReadOnlyList<IAttack> attacks) : IDisposable
{
    private const int AtOnceShare = 4;
    private static readonly TimeSpan LongRun = TimeSpan.FromMinutes(5);

    private readonly Calls _calls = new(server);
    private int _turns;

    public async Task RunAsync(CancellationToken cancellation)
    {
        // The good client and the broker come first: this stands for attackers who have machines of their own.
        using (var self = Process.GetCurrentProcess())
            self.PriorityClass = ProcessPriorityClass.Idle;

        var rounds = duration >= LongRun ? 2 : 1;
        var slots = attacks.Count + (attacks.Count > 1 ? 1 : 0);
        var slot = duration / (rounds * slots);
        for (var round = 0; round < rounds; round++)
        {
            foreach (var attack in attacks)
                await RunAsync(attack.Name, [attack], slot, share: 1, cancellation);

            if (attacks.Count > 1)
                await RunAsync("all at once", attacks, slot, AtOnceShare, cancellation);
        }
    }

    public void Dispose() => _calls.Dispose();

    private async Task RunAsync(string name, IReadOnlyList<IAttack> together, TimeSpan slot, int share, CancellationToken cancellation)
    {
        Console.WriteLine(AttackLines.Begin + name);
        var tally = new Tally();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        ending.CancelAfter(slot);
        var workers = together.SelectMany(attack => Enumerable.Range(0, Math.Max(1, attack.Workers / share)).Select(worker => (attack, worker)));
        await Task.WhenAll(workers.Select(each => Task.Run(() => WorkAsync(each.attack, each.worker, tally, ending.Token), CancellationToken.None)));
        Console.WriteLine($"{AttackLines.End}{name}: {tally}");
        cancellation.ThrowIfCancellationRequested();
    }

    private async Task WorkAsync(IAttack attack, int worker, Tally tally, CancellationToken ending)
    {
        var random = new Random(unchecked((seed * 31) + Interlocked.Increment(ref _turns)));
        var turn = new Turn { Server = server, Worker = worker, Random = random, Calls = _calls };
        while (!ending.IsCancellationRequested)
        {
            var outcome = await TryAsync(attack, turn, ending);
            if (!ending.IsCancellationRequested)
            {
                tally.Add(outcome);
                if (Outcome.IsFault(outcome))
                    Console.WriteLine($"{AttackLines.Fault}{attack.Name}: {outcome}");

                await Task.Delay(attack.Pause * (0.5 + random.NextDouble()), TimeProvider.System, ending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static async Task<string> TryAsync(IAttack attack, Turn turn, CancellationToken ending)
    {
        try
        {
            return await attack.OnceAsync(turn, ending);
        }
        catch (OperationCanceledException)
        {
            return ending.IsCancellationRequested ? "held" : "no answer in time";
        }
        catch (SocketException fault)
        {
            return fault.SocketErrorCode.ToString();
        }
        catch (Exception fault) when (fault is IOException or HttpRequestException or WebSocketException)
        {
            return fault.InnerException is SocketException socket ? socket.SocketErrorCode.ToString()
                : fault.InnerException is HttpProtocolException protocol ? $"h2 error {protocol.ErrorCode}"
                : fault is HttpRequestException { HttpRequestError: var error } ? error.ToString() : "cut off";
        }
    }
}
