using EventBroker.Broker.Settling;
using EventBroker.Broker.Subscribing;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Interception;
using EventBroker.Sdk.Tests.Transports.Bare;
using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Tests;

// What the broker does where a transport can't, and what it refuses.
public class EmulationTests
{
    [Fact]
    public async Task A_nack_comes_back_where_the_transport_can_not_redeliver()
    {
        await using var fixture = Fixture(redelivers: false);
        await fixture.RegisterAsync();
        await using var subscription = await fixture.SubscribeAsync("workers");
        await fixture.PublishAsync("a");
        var first = await BrokerFixture.NextAsync(subscription);

        Assert.Equal(SettleResult.Settled, await fixture.SettleAsync(subscription, first, Settlement.Nack));

        var again = await BrokerFixture.NextAsync(subscription);
        Assert.Equal(("a", 1), (again.Message.GetId(), again.RetryCount));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_nack_waits_for_its_delay_where_the_transport_can_not_delay(bool redelivers)
    {
        await using var fixture = Fixture(redelivers);
        await fixture.RegisterAsync();
        await using var subscription = await fixture.SubscribeAsync("workers");
        await fixture.PublishAsync("a");
        var first = await BrokerFixture.NextAsync(subscription);
        await fixture.SettleAsync(subscription, first, Settlement.Nack, TimeSpan.FromSeconds(10));

        fixture.Clock.Advance(TimeSpan.FromSeconds(9));
        Assert.Empty(await BrokerFixture.TakeAsync(subscription));
        fixture.Clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(1, (await BrokerFixture.NextAsync(subscription)).RetryCount);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_waits_for_its_delay_goes_to_the_rest_of_the_group_when_its_worker_closes(bool redelivers)
    {
        await using var fixture = Fixture(redelivers);
        await fixture.RegisterAsync();
        var leaves = await fixture.SubscribeAsync("workers");
        await fixture.PublishAsync("a");
        var first = await BrokerFixture.NextAsync(leaves);
        await fixture.SettleAsync(leaves, first, Settlement.Nack, TimeSpan.FromHours(1));
        await using var stays = await fixture.SubscribeAsync("workers");

        await leaves.DisposeAsync();

        var again = await BrokerFixture.NextAsync(stays);
        Assert.Equal(("a", 1), (again.Message.GetId(), again.RetryCount));
    }

    [Fact]
    public async Task A_deadline_that_passes_brings_a_message_back_where_the_transport_can_not_redeliver()
    {
        await using var fixture = Fixture(redelivers: false);
        await fixture.RegisterAsync();
        await using var subscription = await fixture.SubscribeAsync("workers");
        await fixture.PublishAsync("a");
        await BrokerFixture.NextAsync(subscription);

        fixture.Clock.Advance(TimeSpan.FromSeconds(31));

        Assert.Equal(1, (await BrokerFixture.NextAsync(subscription)).RetryCount);
    }

    public static TheoryData<SubscribeRequest, string> Unsupported => new()
    {
        { new SubscribeRequest { EventName = "e", Mode = DeliveryMode.WorkerPool }, "delivery_mode=worker_pool" },
        { new SubscribeRequest { EventName = "e", Start = StartPosition.Beginning }, "start_from=beginning" },
        { new SubscribeRequest { EventName = "e", Start = StartPosition.Timestamp, StartTime = DateTimeOffset.UnixEpoch }, "start_from=timestamp" },
        { new SubscribeRequest { EventName = "e", ResumeAfter = "1" }, "resume_after" },
        { new SubscribeRequest { EventName = "e", ConsumerId = "c" }, "consumer_id" },
    };

    [Theory]
    [MemberData(nameof(Unsupported), DisableDiscoveryEnumeration = true)]
    public async Task An_option_that_the_transport_can_not_honour_is_refused_by_name(SubscribeRequest request, string option)
    {
        await using var bare = new BareTransport();
        await using var fixture = new BrokerFixture(transport: bare);
        await fixture.RegisterAsync();

        var refusal = await Assert.ThrowsAsync<BrokerException>(
            async () => await fixture.Broker.SubscribeAsync(fixture.Caller, request, CancellationToken.None));

        Assert.Equal(BrokerErrorCode.FailedPrecondition, refusal.Code);

        // The name in the configuration, which only the broker knows: it asked before the transport was.
        Assert.StartsWith($"transport 'local' can't honour {option}: ", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_is_refused_where_a_transport_can_not_list()
    {
        await using var fixture = Fixture(redelivers: false);
        await fixture.RegisterAsync();

        Assert.Equal(
            BrokerErrorCode.FailedPrecondition,
            await BrokerFixture.CodeOfAsync(async () => await fixture.Broker.ListAsync(fixture.Caller, CancellationToken.None)));
    }

    [Fact]
    public async Task A_publish_to_nobody_tells_what_the_transport_says()
    {
        await using var fixture = Fixture(redelivers: false);
        await fixture.RegisterAsync();

        Assert.Equal(BrokerErrorCode.FailedPrecondition, await BrokerFixture.CodeOfAsync(() => fixture.PublishAsync("a").AsTask()));
    }

    [Fact]
    public async Task A_transport_that_throws_when_it_takes_a_message_back_disturbs_nobody_else()
    {
        await using var bare = Bare(redelivers: true);
        await using var fixture = new BrokerFixture(transport: bare);
        await fixture.RegisterAsync();
        var subscription = await fixture.SubscribeAsync("workers");
        await fixture.PublishAsync("a");
        await fixture.PublishAsync("b");
        var first = await BrokerFixture.NextAsync(subscription);
        await BrokerFixture.NextAsync(subscription);
        bare.SettleFailure = new InvalidOperationException("against the contract");

        // The call, the timer and the end of the stream each survive it.
        Assert.Equal(SettleResult.Failed, await fixture.SettleAsync(subscription, first, Settlement.Nack));
        fixture.Clock.Advance(TimeSpan.FromSeconds(31));
        await fixture.PublishAsync("c");
        var third = await BrokerFixture.NextAsync(subscription);
        await using var other = await fixture.SubscribeAsync("workers");
        await subscription.DisposeAsync();

        Assert.Equal("c", third.Message.GetId());
        var left = await BrokerFixture.TakeAsync(other);
        Assert.Equal(["a", "b", "c"], left.Select(static d => d.Message.GetId()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Draining_waits_until_the_transport_has_what_was_given_back()
    {
        await using var bare = Bare(redelivers: true);
        await using var fixture = new BrokerFixture(transport: bare);
        await fixture.RegisterAsync();
        var subscription = await fixture.SubscribeAsync("workers");
        await fixture.PublishAsync("a");
        var delivery = await BrokerFixture.NextAsync(subscription);
        var settled = new TaskCompletionSource();
        bare.Settled = settled.Task;

        var drained = fixture.Broker.DrainAsync(CancellationToken.None);
        var closed = subscription.DisposeAsync();

        Assert.Equal("1", (await fixture.Broker.CheckHealthAsync(CancellationToken.None)).Details["subscriptions"]);
        bare.Settled = Task.CompletedTask;
        Assert.Equal(SettleResult.Expired, await fixture.SettleAsync(subscription, delivery, Settlement.Ack));
        settled.SetResult();
        await closed;
        await drained;
    }

    [Fact]
    public async Task What_a_transport_opens_while_the_broker_is_disposed_is_closed_again()
    {
        await using var bare = Bare(redelivers: true);
        await using var fixture = new BrokerFixture(transport: bare);
        await fixture.RegisterAsync();
        var opened = new TaskCompletionSource();
        bare.Opened = opened.Task;
        var subscribing = fixture.SubscribeAsync().AsTask();
        await fixture.Broker.DisposeAsync();

        opened.SetResult();

        Assert.Equal(BrokerErrorCode.Unavailable, await BrokerFixture.CodeOfAsync(() => subscribing));

        // It keeps nothing, so it refuses a message when nobody is subscribed.
        Assert.Equal(BrokerErrorCode.FailedPrecondition, await BrokerFixture.CodeOfAsync(() => fixture.PublishAsync("a").AsTask()));
    }

    private static BrokerFixture Fixture(bool redelivers) => new(transport: Bare(redelivers));

    private static BareTransport Bare(bool redelivers) => redelivers
        ? new(TransportCapability.WorkerGroups, TransportCapability.Redelivery)
        : new(TransportCapability.WorkerGroups);
}
