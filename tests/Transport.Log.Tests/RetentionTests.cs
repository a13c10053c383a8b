using EventBroker.Sdk.Settings;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Log.Tests;

public sealed class RetentionTests
{
    [Fact]
    public async Task The_count_holds_exactly_and_a_reader_is_told_what_it_missed()
    {
        await using var log = await Harness.CreateAsync(static s => s.MaxMessagesPerEvent = 10);
        var reader = await log.SubscribeAsync();
        await log.PublishAsync(Enumerable.Range(0, 100).Select(static i => $"{i}"));
        var taken = await reader.TakeAsync(10);
        Assert.Equal(90, taken[0].Missed);
        Assert.Equal("90", Sdk.Conformance.Transports.TestSubscriber.Text(taken[0]));
        Assert.Equal(10, (await log.Transport.DescribeAsync("e", CancellationToken.None)).Messages);
    }

    [Fact]
    public async Task Bytes_hold_for_an_event_and_for_all_together()
    {
        await using var log = await Harness.CreateAsync(static s =>
        {
            s.MaxBytesPerEvent = new ByteSize(60_000);
            s.MaxTotalBytes = new ByteSize(100_000);
        });
        await log.Transport.RegisterAsync("other", EventOptions.None, CancellationToken.None);
        await log.Transport.RegisterAsync("third", EventOptions.None, CancellationToken.None);
        foreach (var name in (string[])["e", "other", "third"])
        {
            for (var i = 0; i < 100; i++)
            {
                await log.PublishAsync("x", size: 1_000, eventName: name);
            }
        }

        var bytes = new Dictionary<string, long>();
        foreach (var name in (string[])["e", "other", "third"])
        {
            bytes[name] = (await log.Transport.DescribeAsync(name, CancellationToken.None)).Bytes!.Value;
        }

        // The oldest of all went.
        Assert.InRange(bytes["third"], 50_000, 60_000);
        Assert.InRange(bytes.Values.Sum(), 90_000, 100_000);
        Assert.Equal(0, bytes["e"]);
    }

    [Fact]
    public async Task What_is_too_old_is_not_seen_is_told_as_missed_and_gives_its_room_back()
    {
        await using var log = await Harness.CreateAsync(static s => s.Retention = TimeSpan.FromHours(1));
        var reader = await log.SubscribeAsync();
        for (var i = 0; i < 2_000; i++)
        {
            _ = log.PublishAsync("old", size: 8_000);
        }

        await log.PublishAsync("old");
        var before = long.Parse(await log.HealthAsync("retained_bytes"), System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(before, 16_000_000, 20_000_000);
        log.Clock.Advance(TimeSpan.FromHours(2));
        await log.PublishAsync("new");
        var taken = await reader.TakeOneAsync();
        Assert.Equal(2_001, taken.Missed);
        Assert.Equal("new", Sdk.Conformance.Transports.TestSubscriber.Text(taken));

        // Housekeeping goes on until nothing is left to remove.
        await log.Transport.HousekeepAsync();
        await log.Transport.DisposeAsync();
        Assert.InRange(new FileInfo(log.File).Length, 1, 8_000_000);
    }

    [Fact]
    public async Task What_waits_for_its_redelivery_outlives_its_log_and_a_restart()
    {
        await using var log = await Harness.CreateAsync(static s => s.MaxMessagesPerEvent = 5);
        var worker = await log.JoinAsync();
        await log.PublishAsync("precious");
        await worker.ReleaseAsync(await worker.TakeOneAsync(), TimeSpan.FromMinutes(5));
        for (var i = 0; i < 20; i++)
        {
            await log.PublishAsync($"{i}");
        }

        await log.KillAndOpenAsync();
        worker = await log.JoinAsync();
        log.Clock.Advance(TimeSpan.FromMinutes(6));
        var texts = await worker.TakeTextAsync(6);
        Assert.Contains("precious", texts);
    }

    [Fact]
    public async Task An_unregistered_event_gives_its_room_back_and_its_name_can_be_used_again()
    {
        await using var log = await Harness.CreateAsync();
        for (var i = 0; i < 1_000; i++)
        {
            _ = log.PublishAsync("x", size: 10_000);
        }

        await log.PublishAsync("x");
        await log.Transport.UnregisterAsync("e", CancellationToken.None);
        await log.Transport.RegisterAsync("e", EventOptions.None, CancellationToken.None);
        await log.PublishAsync("y");
        await log.KillAndOpenAsync();
        await log.Transport.HousekeepAsync();
        Assert.Equal(["y"], await (await log.SubscribeAsync()).TakeTextAsync(1));
        await log.Transport.DisposeAsync();
        Assert.InRange(new FileInfo(log.File).Length, 1, 7_000_000);
    }
}
