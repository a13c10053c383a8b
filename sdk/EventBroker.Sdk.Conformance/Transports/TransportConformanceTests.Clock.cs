using EventBroker.Sdk.Conformance.Discovery;
using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

// Regression: the clock is set, back or forward, while everything runs.
public abstract partial class TransportConformanceTests<TFixture>
{
    [TransportTheory(TransportCapability.Ordering, TransportCapability.Broadcast)]
    [InlineData(-30)]
    [InlineData(-90)]
    [InlineData(120)]
    public async Task Messages_keep_their_order_when_the_clock_is_set(int minutes)
    {
        // By the wall clock what was published before may be hours old.
        await RegisterAnewAsync(new EventOptions { Retention = TimeSpan.FromDays(1) });
        var subscriber = await SubscribeAsync();
        await PublishAsync("a", "b");
        await StepClockAsync(minutes);
        await PublishAsync("c", "d");
        var taken = await subscriber.TakeAsync(4);
        Assert.Equal(["a", "b", "c", "d"], taken.Select(TestSubscriber.Text));
        Assert.Equal(taken.Select(static d => d.Position).Order(), taken.Select(static d => d.Position));
        Assert.All(taken, static d => Assert.Equal(0, d.Missed));
    }

    [TransportTheory(TransportCapability.RedeliveryDelay)]
    [InlineData(PlaceKind.WorkerGroup, -30)]
    [InlineData(PlaceKind.WorkerGroup, -90)]
    [InlineData(PlaceKind.WorkerGroup, 120)]
    [InlineData(PlaceKind.ConsumerId, -90)]
    [InlineData(PlaceKind.ConsumerId, 120)]
    public async Task A_delay_is_met_when_the_clock_is_set_meanwhile(PlaceKind kind, int minutes)
    {
        var subscriber = await OpenAsync(kind);
        await PublishAsync("a");
        await subscriber.ReleaseAsync(await subscriber.TakeOneAsync(), TimeSpan.FromSeconds(4));
        await StepClockAsync(minutes);
        await Fixture.PassTimeAsync(TimeSpan.FromSeconds(2));
        await GetsNothingButTheNextAsync(subscriber);
        var next = subscriber.DemandWhenEmpty();
        await Fixture.PassTimeAsync(TimeSpan.FromSeconds(2.1));
        await next.WaitAsync(Fixture.Patience);
        Assert.Equal(["a"], await subscriber.TakeTextAsync(1));
    }

    [TransportTheory(TransportCapability.ReplayFromTimestamp, TransportCapability.Broadcast)]
    [InlineData(-30)]
    [InlineData(-90)]
    [InlineData(120)]
    public async Task A_start_time_finds_what_was_accepted_after_the_clock_was_set(int minutes)
    {
        await PublishAsync("before");
        await StepClockAsync(minutes);
        await Fixture.PassTimeAsync(TimeSpan.FromMilliseconds(50));
        var start = Fixture.Clock.GetUtcNow();
        await PublishAsync("after");
        var subscriber = await SubscribeAsync(From(start));
        await PublishAsync("end");

        var texts = new List<string>();
        while (texts.Count == 0 || texts[^1] != "end")
        {
            texts.AddRange(await subscriber.TakeTextAsync(1));
        }

        // Where the clock went back, what was accepted before may count as later than the start.
        Assert.Equal(["after", "end"], texts.Skip(minutes < 0 && texts[0] == "before" ? 1 : 0));
    }

    private async Task StepClockAsync(int minutes) => SkipUnless(
        await Fixture.StepClockAsync(TimeSpan.FromMinutes(minutes)), "the fixture can't set the clock");
}
