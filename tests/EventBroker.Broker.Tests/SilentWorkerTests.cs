using EventBroker.Broker.Settling;
using EventBroker.Sdk.Interception;

namespace EventBroker.Broker.Tests;

// A worker whose connection lives and who does not.
public class SilentWorkerTests
{
    [Fact]
    public async Task An_expired_message_goes_to_another_free_worker_first()
    {
        await using var fixture = new BrokerFixture();
        await fixture.RegisterAsync();
        await using var silent = await fixture.SubscribeAsync("workers");
        for (var i = 0; i < 3; i++)
        {
            await fixture.PublishAsync("m" + i);
        }

        Assert.Equal(3, (await BrokerFixture.TakeAsync(silent)).Count);
        var waits = silent.WaitAsync().AsTask();
        await using var idle = await fixture.SubscribeAsync("workers");
        Assert.Empty(await BrokerFixture.TakeAsync(idle));
        var next = BrokerFixture.NextAsync(idle);

        fixture.Clock.Advance(TimeSpan.FromSeconds(30));

        List<string> came = [(await next).Message.GetId(), .. (await BrokerFixture.TakeAsync(idle)).Select(static d => d.Message.GetId())];
        Assert.Equal(["m0", "m1", "m2"], came);
        Assert.Empty(await BrokerFixture.TakeAsync(silent));
        await silent.DisposeAsync();
        await waits;
    }

    [Fact]
    public async Task A_worker_that_lets_three_deadlines_pass_gets_nothing_until_it_speaks()
    {
        await using var fixture = new BrokerFixture();
        await fixture.RegisterAsync();
        await using var silent = await fixture.SubscribeAsync("workers");
        await fixture.PublishAsync("a");
        var last = await BrokerFixture.NextAsync(silent);
        for (var round = 1; round < 3; round++)
        {
            fixture.Clock.Advance(TimeSpan.FromSeconds(30));
            last = await BrokerFixture.NextAsync(silent);
            Assert.Equal(round, last.RetryCount);
        }

        fixture.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Empty(await BrokerFixture.TakeAsync(silent));
        Assert.Equal("1", (await fixture.Broker.CheckHealthAsync(CancellationToken.None)).Details["members_silenced"]);

        // Whatever it says: here something that is over.
        Assert.Equal(SettleResult.Expired, await fixture.SettleAsync(silent, last, Settlement.Ack));
        Assert.Equal(3, (await BrokerFixture.NextAsync(silent)).RetryCount);
    }

    [Fact]
    public async Task Who_speaks_now_and_then_is_not_silent()
    {
        await using var fixture = new BrokerFixture();
        await fixture.RegisterAsync();
        await using var slow = await fixture.SubscribeAsync("workers");
        await fixture.PublishAsync("a");
        for (var round = 0; round < 10; round++)
        {
            var delivery = await BrokerFixture.NextAsync(slow);
            fixture.Clock.Advance(TimeSpan.FromSeconds(31));

            // Its work takes a second longer than it has.
            Assert.Equal(SettleResult.Expired, await fixture.SettleAsync(slow, delivery, Settlement.Ack));
        }
    }

    [Fact]
    public async Task A_broadcast_subscriber_that_settles_nothing_goes_on_getting_messages()
    {
        await using var fixture = new BrokerFixture();
        await fixture.RegisterAsync();
        await using var watching = await fixture.SubscribeAsync();
        await fixture.PublishAsync("a");
        for (var round = 0; round < 10; round++)
        {
            Assert.Equal(round, (await BrokerFixture.NextAsync(watching)).RetryCount);
            fixture.Clock.Advance(TimeSpan.FromSeconds(30));
        }
    }
}
