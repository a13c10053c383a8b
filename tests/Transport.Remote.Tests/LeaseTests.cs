using EventBroker.FunctionalTests.Clients;
using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Remote.Tests.Hosting;

namespace EventBroker.Transport.Remote.Tests;

// What was read is held for as long as the broker behind leaves it here, and no longer.
public sealed class LeaseTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task What_was_read_before_a_cut_is_lost_and_comes_again()
    {
        await using var remote = await RemoteOverBroker.StartAsync();
        await using var member = await remote.JoinAsync();
        await remote.PublishAsync("a", "b");
        var taken = await member.TakeAsync(2);
        Assert.Equal([SettlementOutcome.Done], await member.CompleteAsync(taken[1]));
        var loss = member.Probe.NextLoss;

        remote.Wire.Cut();
        await loss.WaitAsync(Patience);

        Assert.Equal(["a"], member.Probe.Lost.Select(TestSubscriber.Text));
        Assert.Equal([SettlementOutcome.LeaseLost], await member.CompleteAsync(taken[0]));
        remote.Wire.Mend();
        var again = await member.TakeOneAsync();
        Assert.Equal(("a", 1), (TestSubscriber.Text(again), again.RetryCount));
        Assert.Equal([SettlementOutcome.Done], await member.CompleteAsync(again));
    }

    [Theory]
    [InlineData("grpc")]
    [InlineData("websocket")]
    [InlineData("sse")]
    public async Task A_late_ack_after_a_reconnect_behind_has_expired_and_the_new_one_counts(string protocol)
    {
        await using var pair = await BrokerPair.StartAsync();
        await pair.Front.Http.RegisterAsync("jobs");
        await using var worker = await FrontSubscriber.OpenAsync(pair.Front, protocol, "jobs");
        await pair.Front.Http.PublishAsync("jobs", "m-1");
        var (_, _, old) = await worker.ReadAsync();

        pair.Wire.Cut();
        pair.Wire.Mend();
        var (id, _, renewed) = await worker.ReadAsync();

        Assert.Equal("m-1", id);
        Assert.Equal("ACK_RESULT_EXPIRED", await pair.Front.Http.SettleAsync(old));
        Assert.Equal("ACK_RESULT_SETTLED", await pair.Front.Http.SettleAsync(renewed));
    }

    [Fact]
    public async Task What_is_renewed_stays_here_for_longer_than_the_broker_behind_would_have_waited()
    {
        await using var remote = await RemoteOverBroker.StartAsync(isOnFakeClock: true);
        await using var member = await remote.JoinAsync();
        await remote.PublishAsync("a");
        var taken = await member.TakeOneAsync();
        await remote.PublishAsync("b");
        Assert.Equal("b", await member.CompleteNextAsync());

        for (var i = 0; i < 20; i++)
        {
            remote.Behind.Time.Advance(remote.Transport.Capabilities.RenewalInterval!.Value);
            await member.Subscription.RenewAsync(member.Probe.Held.ToArray(), CancellationToken.None);
        }

        Assert.Empty(member.Probe.Lost);
        Assert.Equal([SettlementOutcome.Done], await member.CompleteAsync(taken));
    }

    [Fact]
    public async Task A_renewal_that_comes_too_late_tells_what_is_lost()
    {
        await using var remote = await RemoteOverBroker.StartAsync(isOnFakeClock: true);
        await using var member = await remote.JoinAsync();
        await remote.PublishAsync("a");
        await member.TakeOneAsync();
        await remote.ReadsBehind.HandedOverAsync();

        remote.Behind.Time.Advance(new SubscribeOptions().AckTimeout + TimeSpan.FromMinutes(5));
        await member.Subscription.RenewAsync(member.Probe.Held.ToArray(), CancellationToken.None);

        Assert.Equal(["a"], member.Probe.Lost.Select(TestSubscriber.Text));
        var again = await member.TakeOneAsync();
        Assert.Equal(("a", 1), (TestSubscriber.Text(again), again.RetryCount));
    }
}
