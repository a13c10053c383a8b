using EventBroker.Broker.Settling;
using EventBroker.Sdk.Interception;
using EventBroker.Sdk.Tests.Transports.SinglePlace;
using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Tests;

// Backends that would deliver what is held for long elsewhere.
public class RenewalTests
{
    [Fact]
    public async Task Everything_that_is_held_is_renewed_until_it_is_settled()
    {
        var transport = new RenewingTransport(new SinglePlaceTransport());
        await using var fixture = new BrokerFixture(transport: transport);
        await fixture.RegisterAsync();
        await using var subscription = await fixture.SubscribeAsync("workers", ackTimeout: TimeSpan.FromHours(1));
        fixture.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Empty(transport.Renewed);
        await fixture.PublishAsync("held");
        await fixture.PublishAsync("waiting");
        var taken = await BrokerFixture.TakeAsync(subscription);
        await fixture.SettleAsync(subscription, taken[1], Settlement.Nack, TimeSpan.FromMinutes(30));

        fixture.Clock.Advance(TimeSpan.FromSeconds(10));
        fixture.Clock.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(["held, waiting", "held, waiting"], transport.Renewed);
        Assert.Equal(SettleResult.Settled, await fixture.SettleAsync(subscription, taken[0], Settlement.Ack));
        transport.Renewed.Clear();
        fixture.Clock.Advance(TimeSpan.FromSeconds(10));
        fixture.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(["waiting", "waiting"], transport.Renewed);
    }

    [Fact]
    public async Task A_renewal_that_fails_or_hangs_is_made_again_and_never_twice_at_a_time()
    {
        var transport = new RenewingTransport(new SinglePlaceTransport());
        await using var fixture = new BrokerFixture(transport: transport);
        await fixture.RegisterAsync();
        await using var subscription = await fixture.SubscribeAsync("workers", ackTimeout: TimeSpan.FromHours(1));
        await fixture.PublishAsync("held");
        await BrokerFixture.TakeAsync(subscription);
        var hangs = new TaskCompletionSource();
        transport.Answer = hangs.Task;
        fixture.Clock.Advance(TimeSpan.FromSeconds(10));
        fixture.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(["held"], transport.Renewed);

        transport.Answer = Task.CompletedTask;
        hangs.SetException(new InvalidOperationException("out of reach"));
        while (transport.Renewed.Count < 2)
        {
            // The failure reaches the broker on another thread.
            await Task.Yield();
            fixture.Clock.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.All(transport.Renewed, static r => Assert.Equal("held", r));
    }
}
