using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Settings;
using EventBroker.Sdk.Transports;
using FsCheck.Xunit;

namespace EventBroker.Transport.Memory.Tests;

public sealed class LogPropertyTests
{
    // Each step publishes some, or reads some: whatever the sizes and the order of steps, what was read and what was
    // missed together are everything, in order.
    [Property(MaxTest = 200)]
    public async Task<bool> Read_and_missed_together_are_everything_in_order((byte Count, ushort Size, bool Read)[] steps, byte limit)
    {
        await using var harness = await Harness.StartAsync(new MemorySettings
        {
            MaxMessagesPerEvent = limit + 1,
            MaxBytesPerEvent = ByteSize.FromKibibytes(64),
        });
        var subscriber = await harness.SubscribeAsync();
        var published = 0;
        long accounted = 0;
        foreach (var (count, size, read) in steps)
        {
            if (read)
            {
                accounted += Account(subscriber, accounted, count + 1, size + 1);
            }
            else
            {
                await harness.PublishAsync(count, size);
                published += count;
            }
        }

        while (accounted < published)
        {
            accounted += Account(subscriber, accounted, 1_000, int.MaxValue);
        }

        return accounted == published && subscriber.ReadOnce().Count == 0;
    }

    // A group: deliveries are completed, given back or kept by a member that leaves; each message is completed once.
    [Property(MaxTest = 100)]
    public async Task<bool> A_group_loses_nothing_whatever_its_members_do((byte Count, byte Fate)[] steps)
    {
        await using var harness = await Harness.StartAsync();
        var member = await harness.JoinAsync();
        var published = 0;
        var completed = new List<int>();
        foreach (var (count, fate) in steps)
        {
            await harness.PublishAsync(count % 20);
            published += count % 20;
            foreach (var delivery in member.ReadOnce((fate % 30) + 1))
            {
                if ((delivery.Position.Low + fate) % 3 == 0)
                {
                    await member.ReleaseAsync(delivery, TimeSpan.FromSeconds(fate % 3));
                }
                else if ((delivery.Position.Low + fate) % 3 == 1)
                {
                    await member.CompleteAsync(delivery);
                    completed.Add(Harness.Number(delivery));
                }
            }

            if (fate > 200)
            {
                await member.DisposeAsync();
                member = await harness.JoinAsync();
            }

            harness.Clock.Advance(TimeSpan.FromSeconds(fate % 2));
        }

        await member.DisposeAsync();
        harness.Clock.Advance(TimeSpan.FromSeconds(10));
        member = await harness.JoinAsync();
        completed.AddRange(Harness.Numbers(member.ReadOnce(published + 1)));
        return completed.Order().SequenceEqual(Enumerable.Range(0, published));
    }

    private static long Account(TestSubscriber subscriber, long from, int count, int maxBytes)
    {
        var next = from;
        foreach (var delivery in subscriber.ReadOnce(count, maxBytes))
        {
            next += delivery.Missed;
            Assert.Equal(next, Harness.Number(delivery));
            next++;
        }

        return next - from;
    }
}
