using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Memory.Tests;

// Members that come, go, give back and are slow to come, beside a clock and a publisher that wait for nobody: a wake-up that is lost, or a
// message that strands until something else happens, would let the whole stand still.
public sealed class RedeliveryStressTests
{
    private const int Messages = 10_000;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _left = Messages;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public async Task Whatever_is_given_back_comes_again_however_members_clock_and_publisher_meet(int members)
    {
        await using var harness = await Harness.StartAsync(
            new MemorySettings { Retention = TimeSpan.FromDays(3650), GroupExpiry = TimeSpan.FromDays(3650) });

        // So that the group is there before the first message.
        await (await harness.JoinAsync()).DisposeAsync();
        Task[] all =
        [
            Task.Run(() => PublishAsync(harness)),
            Task.Run(() => PassTimeAsync(harness)),
            .. Enumerable.Range(1, members).Select(seed => Task.Run(() => WorkAsync(harness, new Random(seed)))),
        ];

        // Whoever fails ends it, too.
        var ended = await Task.WhenAny([_done.Task, .. all.Skip(2)]).WaitAsync(Patience);
        _done.TrySetResult();
        await ended;
        await Task.WhenAll(all);
        Assert.Equal(0, Volatile.Read(ref _left));
    }

    private static async Task PublishAsync(Harness harness)
    {
        var random = new Random(0);
        for (var published = 0; published < Messages;)
        {
            var burst = Math.Min(random.Next(1, 100), Messages - published);
            await harness.PublishAsync(burst);
            published += burst;
            await YieldAsync(random.Next(50));
        }
    }

    private async Task PassTimeAsync(Harness harness)
    {
        var random = new Random(0);
        while (!_done.Task.IsCompleted)
        {
            harness.Clock.Advance(TimeSpan.FromMilliseconds(random.Next(1, 30)));
            await Task.Yield();
        }
    }

    private async Task WorkAsync(Harness harness, Random random)
    {
        while (!_done.Task.IsCompleted)
        {
            await using var member = await harness.JoinAsync();
            for (var reads = random.Next(1, 100); reads > 0 && !_done.Task.IsCompleted; reads--)
            {
                var wanted = random.Next(1, 40);
                var read = member.ReadOnce(wanted);
                if (reads == 1)
                {
                    // Leaves, and with it what it holds.
                    continue;
                }

                foreach (var delivery in read)
                {
                    await SettleAsync(member, delivery, random);
                }

                if (read.Count < wanted)
                {
                    await Task.WhenAny(member.Demand(wanted), _done.Task);
                    await YieldAsync(random.Next(8) == 0 ? random.Next(500) : 0);
                }
            }
        }
    }

    private async Task SettleAsync(TestSubscriber member, Delivery delivery, Random random)
    {
        if (delivery.RetryCount > 0 && random.Next(3) == 0)
        {
            Assert.Equal([SettlementOutcome.Done], await member.CompleteAsync(delivery));
            if (Interlocked.Decrement(ref _left) == 0)
            {
                _done.TrySetResult();
            }

            return;
        }

        var delay = TimeSpan.FromMilliseconds(Math.Max(0, random.Next(-20, 50)));
        var reason = random.Next(2) == 0 ? SettlementReason.Nacked : SettlementReason.DeadlinePassed;
        Assert.Equal(SettlementOutcome.Done, await member.ReleaseAsync(delivery, delay, reason));
    }

    private static async Task YieldAsync(int times)
    {
        for (; times > 0; times--)
        {
            await Task.Yield();
        }
    }
}
