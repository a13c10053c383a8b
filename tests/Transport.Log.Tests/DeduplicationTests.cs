using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Log.Tests;

public sealed class DeduplicationTests
{
    [Fact]
    public async Task An_id_is_remembered_across_a_crash_for_its_window_and_no_longer()
    {
        await using var log = await Harness.CreateAsync(static s => s.DeduplicationWindow = TimeSpan.FromMinutes(2));
        var first = await log.PublishAsync("a", id: "x");
        log.Clock.Advance(TimeSpan.FromMinutes(1));
        await log.KillAndOpenAsync();
        var again = await log.PublishAsync("b", id: "x");
        Assert.True(again.IsDuplicate);
        Assert.Equal(first.Position, again.Position);
        log.Clock.Advance(TimeSpan.FromMinutes(1.5));
        await log.KillAndOpenAsync();
        Assert.False((await log.PublishAsync("c", id: "x")).IsDuplicate);
        Assert.Equal(["a", "c"], await (await log.SubscribeAsync()).TakeTextAsync(2));
    }

    [Fact]
    public async Task Of_a_hundred_publishers_of_one_id_at_once_one_is_the_first()
    {
        await using var log = await Harness.CreateAsync();
        var receipts = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => Task.Run(() => log.PublishAsync($"{i}", id: "x"))));
        Assert.Single(receipts, static r => !r.IsDuplicate);
        Assert.Single(receipts.Select(static r => r.Position).Distinct());
        Assert.Equal(1, (await log.Transport.DescribeAsync("e", CancellationToken.None)).Messages);
    }

    [Fact]
    public async Task More_ids_than_are_remembered_are_counted()
    {
        await using var log = await Harness.CreateAsync(static s => s.MaxRememberedIds = 1_000);
        for (var i = 0; i < 1_100; i++)
        {
            _ = log.PublishAsync("x", id: $"{i}");
        }

        Assert.True((await log.PublishAsync("x", id: "1099")).IsDuplicate);
        Assert.Equal("100", await log.HealthAsync("forgotten_ids"));
        Assert.Equal("1000", await log.HealthAsync("remembered_ids"));
    }

    [Fact]
    public async Task A_message_whose_id_the_broker_made_up_is_not_remembered()
    {
        await using var log = await Harness.CreateAsync();
        await log.PublishAsync("a");
        Assert.False((await log.PublishAsync("a")).IsDuplicate);
        Assert.Equal("0", await log.HealthAsync("remembered_ids"));
    }
}
