using System.Diagnostics.Metrics;
using EventBroker.Sdk.Settings;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Memory.Tests;

public sealed class RetentionTests
{
    [Fact]
    public async Task Only_the_newest_messages_are_kept()
    {
        await using var harness = await Harness.StartAsync(new MemorySettings { MaxMessagesPerEvent = 10 });
        await harness.PublishAsync(25);
        Assert.Equal(Enumerable.Range(15, 10), Harness.Numbers((await harness.FromBeginningAsync()).ReadOnce()));
        Assert.Equal(10, await harness.DetailAsync("retained_messages"));
    }

    [Fact]
    public async Task Messages_are_kept_up_to_their_bytes()
    {
        // 100 bytes and 16 for the index: 35 of them fit into 4096.
        await using var harness = await Harness.StartAsync(new MemorySettings { MaxBytesPerEvent = ByteSize.FromKibibytes(4) });
        await harness.PublishAsync(1_000, size: 100);
        Assert.Equal(Enumerable.Range(965, 35), Harness.Numbers((await harness.FromBeginningAsync()).ReadOnce()));
        Assert.InRange(await harness.DetailAsync("retained_bytes"), 35 * 100, 3 * 4096);
    }

    [Fact]
    public async Task The_newest_message_is_kept_whatever_its_size()
    {
        await using var harness = await Harness.StartAsync(new MemorySettings { MaxBytesPerEvent = ByteSize.FromKibibytes(4) });
        await harness.PublishAsync(3, size: 50_000);
        int[] expected = [2];
        Assert.Equal(expected, Harness.Numbers((await harness.FromBeginningAsync()).ReadOnce()));
    }

    [Fact]
    public async Task Messages_beyond_their_age_are_not_delivered_any_more()
    {
        await using var harness = await Harness.StartAsync(new MemorySettings { Retention = TimeSpan.FromMinutes(10) });
        var slow = await harness.SubscribeAsync();
        await harness.PublishAsync(3);
        harness.Clock.Advance(TimeSpan.FromMinutes(6));
        await harness.PublishAsync(2);
        harness.Clock.Advance(TimeSpan.FromMinutes(5));
        var read = slow.ReadOnce();
        Assert.Equal([3, 4], Harness.Numbers(read));
        Assert.Equal([3L, 0L], read.Select(static d => d.Missed));
    }

    [Fact]
    public async Task A_silent_event_gives_its_memory_back_by_itself()
    {
        await using var harness = await Harness.StartAsync();
        await harness.PublishAsync(1_000, size: 1_000);
        Assert.InRange(await harness.DetailAsync("retained_bytes"), 1_000_000, 2_000_000);
        harness.Clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal(0, await harness.DetailAsync("retained_bytes"));
        Assert.Equal(0, await harness.DetailAsync("retained_messages"));
    }

    [Fact]
    public async Task A_clock_that_steps_back_keeps_accepted_times_in_order()
    {
        await using var harness = await Harness.StartAsync();
        harness.Clock.AutoAdvanceAmount = TimeSpan.Zero;
        await harness.PublishAsync(1);
        var between = harness.Clock.GetUtcNow();
        harness.Clock.AdjustTime(between - TimeSpan.FromMinutes(5));
        await harness.PublishAsync(1);
        var subscriber = await harness.SubscribeAsync(
            new SubscribeOptions { Start = StartPosition.Timestamp, StartTime = between });
        Assert.Equal([0, 1], Harness.Numbers(subscriber.ReadOnce()));
    }

    [Fact]
    public async Task The_total_is_kept_by_dropping_the_oldest_slabs_of_any_event()
    {
        await using var harness = await Harness.StartAsync(new MemorySettings { MaxTotalBytes = ByteSize.FromKibibytes(512) });
        await harness.Transport.RegisterAsync("busy", EventOptions.None, CancellationToken.None);
        await harness.PublishAsync(10, size: 1_000);
        harness.Clock.Advance(TimeSpan.FromSeconds(1));
        var slow = await harness.SubscribeAsync(eventName: "busy");
        for (var i = 0; i < 5_000; i++)
        {
            await harness.PublishAsync(1, size: 1_000, eventName: "busy");
            Assert.InRange(await harness.DetailAsync("retained_bytes"), 0, 512 * 1024);
        }

        Assert.Empty((await harness.FromBeginningAsync()).ReadOnce());
        var first = slow.ReadOnce(1)[0];
        Assert.Equal(first.Missed, Harness.Number(first) - 10);
        Assert.InRange(first.Missed, 4_000, 5_000);
    }

    [Fact]
    public async Task Missed_messages_are_counted_for_each_subscription_and_on_the_meter()
    {
        await using var harness = await Harness.StartAsync(new MemorySettings { MaxMessagesPerEvent = 10 });
        long counted = 0;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter == harness.Meter)
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => counted += value);
        listener.Start();
        var slow = await harness.SubscribeAsync();
        var group = await harness.JoinAsync();
        await harness.PublishAsync(30);
        Assert.Equal(20, slow.ReadOnce(1)[0].Missed);
        Assert.Equal(0, slow.ReadOnce(1)[0].Missed);
        Assert.Equal(20, group.ReadOnce(1)[0].Missed);
        Assert.Equal(40, counted);
        Assert.Equal(40, await harness.DetailAsync("missed"));
    }

    [Fact]
    public async Task A_subscription_that_never_reads_keeps_no_memory_alive()
    {
        await using var harness = await Harness.StartAsync(new MemorySettings { MaxBytesPerEvent = ByteSize.FromKibibytes(64) });
        var idle = await harness.SubscribeAsync();
        Assert.Empty(idle.ReadOnce());
        await harness.PublishAsync(20_000, size: 1_000);
        Assert.InRange(await harness.DetailAsync("retained_bytes"), 0, 128 * 1024);
        Assert.InRange(idle.ReadOnce(1)[0].Missed, 19_900, 19_999);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(300)]
    [InlineData(4_096)]
    [InlineData(65_537)]
    [InlineData(300_000)]
    public async Task Messages_of_any_size_lie_side_by_side(int size)
    {
        await using var harness = await Harness.StartAsync();
        var subscriber = await harness.SubscribeAsync();
        for (var round = 0; round < 20; round++)
        {
            await harness.PublishAsync(1, size);
            await harness.PublishAsync(9, 10);
        }

        var read = await subscriber.TakeAsync(200);
        Assert.Equal(Enumerable.Range(0, 200), Harness.Numbers(read));
        Assert.All(read, d => Assert.Equal(Harness.Number(d) % 10 == 0 ? Math.Max(size, 4) : 10, d.Message.Length));

        // Large messages beside small ones leave no large slab almost empty.
        Assert.InRange(await harness.DetailAsync("retained_bytes"), 20L * size, (30L * size) + 600_000);
    }
}
