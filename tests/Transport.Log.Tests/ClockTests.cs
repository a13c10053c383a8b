using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Log.Tests;

public sealed class ClockTests
{
    [Theory]
    [InlineData(5 * 365)]
    [InlineData(-5 * 365)]
    public async Task A_clock_that_jumps_by_years_ends_no_retention_and_breaks_no_order(int days)
    {
        await using var log = await Harness.CreateAsync(static s => s.Retention = TimeSpan.FromDays(1));
        await log.PublishAsync("a");
        log.Clock.Step(TimeSpan.FromDays(days));
        await log.PublishAsync("b");
        await log.Transport.HousekeepAsync();
        Assert.Equal(["a", "b"], await (await log.SubscribeAsync()).TakeTextAsync(2));

        // Retention goes on as if nothing had happened.
        log.Clock.Advance(TimeSpan.FromHours(25));
        await log.PublishAsync("c");
        Assert.Equal(["c"], await (await log.SubscribeAsync()).TakeTextAsync(1));
    }

    [Theory]
    [InlineData(5 * 365)]
    [InlineData(-5 * 365)]
    public async Task A_clock_that_is_wrong_at_the_next_start_is_not_believed(int days)
    {
        await using var log = await Harness.CreateAsync(static s => s.Retention = TimeSpan.FromDays(1));
        var worker = await log.JoinAsync();
        await log.PublishAsync("a");
        await worker.ReleaseAsync(await worker.TakeOneAsync(), TimeSpan.FromMinutes(10));
        log.Clock.Step(TimeSpan.FromDays(days));
        await log.KillAndOpenAsync();
        await log.PublishAsync("b");
        Assert.Equal(["a", "b"], await (await log.SubscribeAsync()).TakeTextAsync(2));
        worker = await log.JoinAsync();
        Assert.Equal(["b"], await worker.TakeTextAsync(1));
        log.Clock.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal(["a"], await worker.TakeTextAsync(1));
        log.Clock.Advance(TimeSpan.FromHours(25));
        await log.PublishAsync("c");
        Assert.Equal(["c"], await (await log.SubscribeAsync()).TakeTextAsync(1));
    }

    [Fact]
    public async Task A_pause_of_the_broker_counts_for_retention()
    {
        await using var log = await Harness.CreateAsync(static s => s.Retention = TimeSpan.FromDays(1));
        await log.PublishAsync("a");
        await log.Transport.DisposeAsync();
        log.Clock.Advance(TimeSpan.FromDays(2));
        log.Open();
        await log.PublishAsync("b");
        Assert.Equal(["b"], await (await log.SubscribeAsync()).TakeTextAsync(1));
    }

    [Fact]
    public async Task A_start_time_is_one_of_the_clock_as_it_is_set()
    {
        await using var log = await Harness.CreateAsync();
        await log.PublishAsync("before");
        log.Clock.Advance(TimeSpan.FromMinutes(1));
        log.Clock.Step(TimeSpan.FromDays(-400));
        var start = log.Clock.GetUtcNow();
        await log.PublishAsync("after");
        var reader = await log.SubscribeAsync(new SubscribeOptions { Start = StartPosition.Timestamp, StartTime = start });
        Assert.Equal(["after"], await reader.TakeTextAsync(1));
    }
}
