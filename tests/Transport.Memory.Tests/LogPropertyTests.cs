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
