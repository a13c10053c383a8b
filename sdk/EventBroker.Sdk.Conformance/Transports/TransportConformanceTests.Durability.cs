using EventBroker.Sdk.Conformance.Discovery;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

public abstract partial class TransportConformanceTests<TFixture>
{
    [TransportFact(TransportCapability.Durable, TransportCapability.ReplayFromBeginning, TransportCapability.Broadcast)]
    public async Task Messages_survive_a_restart_in_their_order()
    {
        await PublishAsync(Numbers(0, 50));
        await PublishBatchAsync(Numbers(50, 50).Select(t => new TransportMessage(Message(t))));
        await RestartAsync();
        await PublishAsync("100");
        var subscriber = await SubscribeAsync(new SubscribeOptions { Start = StartPosition.Beginning });
        var taken = await subscriber.TakeAsync(101);
        Assert.Equal(Numbers(0, 101), InOrder(taken.Select(TestSubscriber.Text)));
        Assert.Equal(101, taken.DistinctBy(static d => d.Position).Count());
    }

    [TransportFact(TransportCapability.Durable)]
    public async Task Events_survive_a_restart()
    {
        var gone = Fixture.NewEventName();
        await Transport.RegisterAsync(gone, EventOptions.None, CancellationToken.None);
        await Transport.UnregisterAsync(gone, CancellationToken.None);
        await RestartAsync();
        await FailsAsync(BrokerErrorCode.AlreadyExists, () => Transport.RegisterAsync(Event, EventOptions.None, CancellationToken.None).AsTask());
        await Transport.RegisterAsync(gone, EventOptions.None, CancellationToken.None);
    }

    [TransportTheory(TransportCapability.Durable, TransportCapability.Ordering)]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task A_place_and_what_was_unsettled_survive_a_restart(PlaceKind kind)
    {
        var first = await OpenAsync(kind);
        await PublishAsync("a", "b", "c", "d");
        var taken = await first.TakeAsync(3);
        await first.CompleteAsync(taken[0], taken[2]);
        await RestartAsync();
        await PublishAsync("e");
        var again = await OpenAsync(kind, start: StartPosition.Latest);
        Assert.Equal(ResumeOutcome.Kept, again.Subscription.Resume);

        // Behind the gap only, and only where a single place is remembered, what was completed may come again.
        var texts = new List<string>();
        while (texts.Count == 0 || texts[^1] != "e")
        {
            texts.AddRange(await again.TakeTextAsync(1));
        }

        Assert.Equal(["b", "d", "e"], texts.Where(t => t != "c" || !Transport.Capabilities.RemembersSinglePlace));
    }

    [TransportTheory(TransportCapability.Durable, TransportCapability.Redelivery)]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task Counts_survive_a_restart(PlaceKind kind)
    {
        if (Transport.Capabilities.RemembersSinglePlace)
        {
            // Such a backend remembers a place and no counts.
            return;
        }

        SkipWhen(Fixture.CountsByItself, "the backend counts by itself");

        var first = await OpenAsync(kind);
        await PublishAsync("a", "b");
        var taken = await first.TakeAsync(2);
        await first.ReleaseAsync(taken[0], attempts: 5);
        await RestartAsync();
        var again = await (await OpenAsync(kind)).TakeAsync(2);
        Assert.Equal([("a", 5), ("b", 1)], again.Select(static d => (TestSubscriber.Text(d), d.RetryCount)).Order());
    }

    [TransportTheory(TransportCapability.Durable, TransportCapability.Redelivery)]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task What_comes_again_after_a_restart_is_settled_like_anything_else(PlaceKind kind)
    {
        if (Transport.Capabilities.RemembersSinglePlace)
        {
            // Behind the gap what was completed may come again.
            return;
        }

        var first = await OpenAsync(kind);
        await PublishAsync("a", "b", "c");
        var taken = await first.TakeAsync(3);
        await first.ReleaseAsync(taken[0]);
        await RestartAsync();
        var again = await OpenAsync(kind);
        foreach (var delivery in await again.TakeAsync(3))
        {
            var outcome = TestSubscriber.Text(delivery) == "b" ? await again.ReleaseAsync(delivery) : (await again.CompleteAsync(delivery))[0];
            Assert.Equal(SettlementOutcome.Done, outcome);
        }

        Assert.Equal([SettlementOutcome.Done], await again.CompleteAsync(await again.TakeOneAsync()));
        await RestartAsync();
        await GetsNothingButTheNextAsync(await OpenAsync(kind));
    }

    [TransportTheory(TransportCapability.Durable, TransportCapability.RedeliveryDelay)]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task What_waits_for_its_redelivery_survives_a_restart(PlaceKind kind)
    {
        var first = await OpenAsync(kind);
        await PublishAsync("a");
        await first.ReleaseAsync(await first.TakeOneAsync(), TimeSpan.FromSeconds(4.5));
        await RestartAsync();
        var again = await OpenAsync(kind);
        await GetsNothingButTheNextAsync(again);
        var next = again.DemandWhenEmpty();
        await Fixture.PassTimeAsync(TimeSpan.FromSeconds(4.6));
        await next.WaitAsync(Fixture.Patience);
        Assert.Equal(["a"], await again.TakeTextAsync(1));
    }

    [TransportFact(TransportCapability.Durable, TransportCapability.WorkerGroups)]
    public async Task The_options_of_a_group_survive_a_restart()
    {
        await SubscribeAsync(new SubscribeOptions { Mode = DeliveryMode.WorkerPool, WorkerGroup = "g", LatestOnly = true });
        await RestartAsync();
        await IsRefusedAsync(Workers("g"), "latest_only");
    }

    [TransportFact(TransportCapability.Durable, TransportCapability.EventDescription, Options = [EventOption.Retention])]
    public async Task The_options_of_an_event_survive_a_restart()
    {
        await RegisterAnewAsync(new EventOptions { Retention = TimeSpan.FromDays(50) });
        await RestartAsync();
        Assert.Equal(TimeSpan.FromDays(50), (await Transport.DescribeAsync(Event, CancellationToken.None)).Options.Retention);
    }

    [TransportFact(TransportCapability.Durable, TransportCapability.ReplayFromCursor, TransportCapability.Broadcast)]
    public async Task A_cursor_from_before_a_restart_leads_on_right_behind_it()
    {
        var first = await SubscribeAsync();
        await PublishAsync("a", "b");
        var cursor = TestSubscriber.Cursor(await first.TakeOneAsync());
        await RestartAsync();
        var again = await SubscribeAsync(new SubscribeOptions { ResumeAfter = cursor });
        Assert.Equal(ResumeOutcome.Exact, again.Subscription.Resume);
        Assert.Equal(["b"], await again.TakeTextAsync(1));
    }

    /// <summary>Regression: a position of another generation.</summary>
    /// <returns>A task.</returns>
    [TransportFact(TransportCapability.Durable, TransportCapability.ReplayFromCursor, TransportCapability.Broadcast, Undeclared = true)]
    public async Task A_cursor_from_before_a_restart_tells_of_the_loss_where_nothing_survives_it()
    {
        var first = await SubscribeAsync();
        await PublishAsync("a", "b");
        var cursor = TestSubscriber.Cursor(await first.TakeOneAsync());
        await RestartAsync();
        await Transport.RegisterAsync(Event, EventOptions.None, CancellationToken.None);
        await PublishAsync("c");
        var again = await SubscribeAsync(new SubscribeOptions { ResumeAfter = cursor });
        Assert.Equal(ResumeOutcome.Lost, again.Subscription.Resume);
        Assert.Equal(["c"], await again.TakeTextAsync(1));
    }
}
