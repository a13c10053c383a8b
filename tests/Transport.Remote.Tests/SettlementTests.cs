using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Remote.Tests.Hosting;

namespace EventBroker.Transport.Remote.Tests;

// Every settlement is told what became of itself.
public sealed class SettlementTests
{
    // Longer than the broker behind takes.
    private static readonly TimeSpan TooLong = TimeSpan.FromHours(13);

    [Fact]
    public async Task Of_two_settles_at_once_neither_hears_of_the_others_outcome()
    {
        await using var remote = await RemoteOverBroker.StartAsync();
        await using var member = await remote.JoinAsync();
        await remote.PublishAsync("a", "b", "c", "d");
        var taken = await member.TakeAsync(4);

        var refused = member.ReleaseAsync(taken[0], TooLong);
        var done = member.CompleteAsync(taken[1]);
        var alsoDone = member.CompleteAsync(taken[2]);
        var alsoRefused = member.ReleaseAsync(taken[3], TooLong);

        Assert.Equal(SettlementOutcome.Failed, await refused);
        Assert.Equal([SettlementOutcome.Done], await done);
        Assert.Equal([SettlementOutcome.Done], await alsoDone);
        Assert.Equal(SettlementOutcome.Failed, await alsoRefused);
    }

    [Fact]
    public async Task Each_entry_of_a_batch_has_its_own_outcome_and_the_one_that_failed_can_be_settled_again()
    {
        await using var remote = await RemoteOverBroker.StartAsync();
        await using var member = await remote.JoinAsync();
        await remote.PublishAsync("a", "b", "c");
        var taken = await member.TakeAsync(3);
        Assert.Equal([SettlementOutcome.Done], await member.CompleteAsync(taken[2]));

        TransportSettlement[] batch =
        [
            Complete(taken[0]),
            TestSubscriber.Release(taken[1], TooLong),
            Complete(taken[2]),
        ];
        await member.Subscription.SettleAsync(batch, CancellationToken.None);

        Assert.Equal(
            [SettlementOutcome.Done, SettlementOutcome.Failed, SettlementOutcome.LeaseLost], batch.Select(static e => e.Outcome));
        Assert.Equal([null, BrokerErrorCode.InvalidArgument, null], batch.Select(static e => e.Failure?.Code));
        Assert.Equal([SettlementOutcome.Done], await member.CompleteAsync(taken[1]));
    }

    [Fact]
    public async Task What_the_broker_behind_denies_has_failed_with_that_reason_and_succeeds_once_it_does_not()
    {
        await using var remote = await RemoteOverBroker.StartAsync();
        await using var member = await remote.JoinAsync();
        await remote.PublishAsync("a");
        var taken = await member.TakeOneAsync();
        remote.Behind.Authorizer.Decide = static request => request.Operation == BrokerOperation.Settle
            ? AuthorizationDecision.Deny("test")
            : AuthorizationDecision.Allow;

        TransportSettlement[] batch = [Complete(taken)];
        await member.Subscription.SettleAsync(batch, CancellationToken.None);
        remote.Behind.Authorizer.Decide = null;

        Assert.Equal((SettlementOutcome.Failed, BrokerErrorCode.PermissionDenied), (batch[0].Outcome, batch[0].Failure!.Code));
        Assert.Equal([SettlementOutcome.Done], await member.CompleteAsync(taken));
    }

    [Fact]
    public async Task What_a_closing_subscription_gives_back_counts_once()
    {
        await using var remote = await RemoteOverBroker.StartAsync();
        var leaves = await remote.JoinAsync();
        await remote.PublishAsync("a");
        var taken = await leaves.TakeOneAsync();
        await remote.PublishAsync("b");
        Assert.Equal("b", await leaves.CompleteNextAsync());
        await using var stays = await remote.JoinAsync();

        Assert.Equal(SettlementOutcome.Done, await leaves.ReleaseAsync(taken, reason: SettlementReason.Disconnected));
        await leaves.DisposeAsync();

        var again = await stays.TakeOneAsync();
        Assert.Equal(("a", 1), (TestSubscriber.Text(again), again.RetryCount));
    }

    [Fact]
    public async Task What_was_given_back_unsent_by_a_subscription_that_goes_on_comes_again_uncounted()
    {
        await using var remote = await RemoteOverBroker.StartAsync();
        await using var member = await remote.JoinAsync();
        await remote.PublishAsync("a");
        var taken = await member.TakeOneAsync();
        var ready = member.DemandWhenEmpty();

        Assert.Equal(SettlementOutcome.Done, await member.ReleaseAsync(taken, reason: SettlementReason.NeverSent));
        await ready.WaitAsync(TimeSpan.FromSeconds(30));

        var again = await member.TakeOneAsync();
        Assert.Equal(("a", 0), (TestSubscriber.Text(again), again.RetryCount));
        Assert.Equal([SettlementOutcome.LeaseLost], await member.CompleteAsync(taken));
        Assert.Equal([SettlementOutcome.Done], await member.CompleteAsync(again));
    }

    private static TransportSettlement Complete(Delivery delivery) => new()
    {
        Delivery = delivery,
        Action = SettlementAction.Complete,
        Reason = SettlementReason.Acked,
        Attempts = 1,
    };
}
