using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Settings;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Log.Tests;

/// <summary>A log whose disk is full: publishers are refused, and nobody else notices.</summary>
public sealed class FullDiskTests
{
    private const int Mebibytes = 24;
    private const int MessageBytes = 16 * 1024;

    // One commit after the other: far more than fits into what is set aside, unless its room is used again and again.
    private const int ManySettlements = 600;

    [Fact]
    public async Task Publishers_are_refused_while_consumers_and_settlements_go_on()
    {
        using var disk = SmallFileSystem.Mount(Mebibytes);
        await using var log = await CreateAsync(disk);
        var worker = await log.JoinAsync();
        var consumer = await log.SubscribeAsync(Consumer());
        var published = await PublishUntilFullAsync(log);
        await AssertRefusedAsync(log);
        await AssertHealthAsync(log, TransportHealthStatus.Degraded, "full");

        Assert.Equal(Texts(published), await TakeAsync(await log.SubscribeAsync(), published));
        Assert.Equal(Texts(published), await TakeAsync(consumer, published));
        var held = await worker.TakeAsync(published);
        for (var i = 0; i < ManySettlements; i++)
        {
            var delivery = held[i % held.Count];
            Assert.Equal([SettlementOutcome.Done], await worker.SettleAsync([TestSubscriber.Release(delivery, TimeSpan.FromSeconds(1))]));
            log.Clock.Advance(TimeSpan.FromSeconds(1));
            held = [.. held.Where(d => d.Position != delivery.Position), await worker.TakeOneAsync()];
        }

        // A group and a consumer id that come now are welcome too.
        var other = await log.JoinAsync("other");
        Assert.Equal("0", (await other.CompleteNextAsync()).TrimEnd());
        foreach (var delivery in held)
        {
            Assert.Equal([SettlementOutcome.Done], await worker.CompleteAsync(delivery));
        }

        await AssertRefusedAsync(log);
    }

    [Fact]
    public async Task Publishing_goes_on_by_itself_when_somebody_makes_room()
    {
        using var disk = SmallFileSystem.Mount(Mebibytes);
        disk.Fill(leaving: 12 * 1024 * 1024);
        await using var log = await CreateAsync(disk);
        var published = await PublishUntilFullAsync(log);
        await log.Transport.HousekeepAsync();
        await AssertRefusedAsync(log);
        disk.MakeRoom();

        // Whoever waits looks every second.
        log.Clock.Advance(TimeSpan.FromSeconds(10));
        await log.Transport.HousekeepAsync();

        await log.PublishAsync("after");
        await AssertHealthAsync(log, TransportHealthStatus.Healthy, "");
        Assert.Equal([.. Texts(published), "after"], await TakeAsync(await log.SubscribeAsync(), published + 1));
    }

    [Fact]
    public async Task Publishing_goes_on_by_itself_when_retention_makes_room()
    {
        using var disk = SmallFileSystem.Mount(Mebibytes);
        await using var log = await CreateAsync(disk, static s => s.Retention = TimeSpan.FromHours(1));
        await PublishUntilFullAsync(log);
        await log.Transport.HousekeepAsync();
        await AssertRefusedAsync(log);
        log.Clock.Advance(TimeSpan.FromHours(2));
        await log.Transport.HousekeepAsync();

        await log.PublishAsync("after");
        Assert.Equal(["after"], await TakeAsync(await log.SubscribeAsync(), 1));
        await AssertHealthAsync(log, TransportHealthStatus.Healthy, "");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_restart_while_the_disk_is_full_loses_nothing(bool isKilled)
    {
        using var disk = SmallFileSystem.Mount(Mebibytes);
        using var second = SmallFileSystem.Mount(Mebibytes);
        await using var log = await CreateAsync(disk, static s => s.Retention = TimeSpan.FromHours(1));
        var worker = await log.JoinAsync();
        var published = await PublishUntilFullAsync(log);
        var held = await worker.TakeAsync(10);
        Assert.Equal([SettlementOutcome.Done], await worker.CompleteAsync(held[0]));
        Assert.Equal([SettlementOutcome.Done], await worker.SettleAsync([TestSubscriber.Release(held[1], TimeSpan.FromMinutes(1))]));

        for (var restart = 0; restart < 2; restart++)
        {
            if (isKilled)
            {
                var (from, to) = restart == 0 ? (disk, second) : (second, disk);
                if (restart == 1)
                {
                    // The same file system again, emptied.
                    Directory.Delete(Path.Combine(disk.Path, "log-0"), recursive: true);
                    disk.MakeRoom();
                }

                var free = from.Free;
                await log.KillAndOpenAsync(to.Path, () => to.Fill(leaving: free));
            }
            else
            {
                // What it gives back when it ends is taken by somebody else.
                await log.Transport.DisposeAsync();
                disk.Fill(leaving: 512 * 1024);
                log.Open();
            }

            await AssertRefusedAsync(log);
            await AssertHealthAsync(log, TransportHealthStatus.Degraded, "full");
        }

        worker = await log.JoinAsync();
        var again = await worker.TakeAsync(published - 2);
        Assert.Equal(Texts(published).Skip(2), again.Select(static d => TestSubscriber.Text(d).TrimEnd()));
        Assert.All(again.Take(8), static d => Assert.Equal(1, d.RetryCount));
        Assert.All(again.Skip(8), static d => Assert.Equal(0, d.RetryCount));
        log.Clock.Advance(TimeSpan.FromMinutes(1));
        var late = await worker.TakeOneAsync();
        Assert.Equal(("1", 1), (TestSubscriber.Text(late).TrimEnd(), late.RetryCount));
        Assert.All(await worker.CompleteAsync([.. again, late]), static o => Assert.Equal(SettlementOutcome.Done, o));

        log.Clock.Advance(TimeSpan.FromHours(2));
        await log.Transport.HousekeepAsync();
        await log.PublishAsync("after");
        Assert.Equal("after", await worker.CompleteNextAsync());
    }

    private static Task<Harness> CreateAsync(SmallFileSystem disk, Action<LogSettings>? configure = null) => Harness.CreateAsync(
        settings =>
        {
            settings.ReservedBytes = ByteSize.FromMebibytes(1);
            settings.CacheBytes = ByteSize.FromMebibytes(1);
            configure?.Invoke(settings);
        },
        disk.Path);

    private static SubscribeOptions Consumer() => new() { ConsumerId = "c", Start = StartPosition.Beginning };

    private static IEnumerable<string> Texts(int count) =>
        Enumerable.Range(0, count).Select(static i => i.ToString(System.Globalization.CultureInfo.InvariantCulture));

    private static async Task<IEnumerable<string>> TakeAsync(TestSubscriber subscriber, int count) =>
        (await subscriber.TakeTextAsync(count)).Select(static t => t.TrimEnd());

    // Until there is no more room even after tidying up. Returns how many were acknowledged.
    private static async Task<int> PublishUntilFullAsync(Harness log)
    {
        var published = 0;
        for (var refused = false; ;)
        {
            try
            {
                await log.PublishAsync(published.ToString(System.Globalization.CultureInfo.InvariantCulture), size: MessageBytes);
                published++;
                refused = false;
            }
            catch (BrokerException refusal)
            {
                Assert.Equal(BrokerErrorCode.ResourceExhausted, refusal.Code);
                if (refused)
                {
                    Assert.InRange(published, 100, int.MaxValue);
                    return published;
                }

                refused = true;
                await log.Transport.HousekeepAsync();
            }
        }
    }

    private static async Task AssertRefusedAsync(Harness log)
    {
        for (var i = 0; i < 2; i++)
        {
            var refusal = await Assert.ThrowsAsync<BrokerException>(() => log.PublishAsync("refused", size: MessageBytes));
            Assert.Equal(BrokerErrorCode.ResourceExhausted, refusal.Code);
            Assert.Contains("is full", refusal.Message, StringComparison.Ordinal);
        }
    }

    private static async Task AssertHealthAsync(Harness log, TransportHealthStatus status, string message)
    {
        var health = await log.Transport.CheckHealthAsync(CancellationToken.None);
        Assert.Equal(status, health.Status);
        Assert.Contains(message, health.Message, StringComparison.Ordinal);
    }
}
