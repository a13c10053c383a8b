using EventBroker.Sdk.Conformance.Discovery;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

public abstract partial class TransportConformanceTests<TFixture>
{
    [TransportFact(TransportCapability.ReplayFromCursor, TransportCapability.Broadcast)]
    public async Task A_subscription_goes_on_right_behind_its_cursor()
    {
        var first = await SubscribeAsync();
        await PublishAsync("a", "b", "c");
        var cursors = (await first.TakeAsync(3)).Select(TestSubscriber.Cursor).ToList();
        Assert.All(cursors, c => Assert.InRange(c.Length, 1, Transport.Capabilities.MaxCursorLength));
        var again = await SubscribeAsync(new SubscribeOptions { ResumeAfter = cursors[0] });
        var atEnd = await SubscribeAsync(new SubscribeOptions { ResumeAfter = cursors[2] });
        Assert.Equal(ResumeOutcome.Exact, again.Subscription.Resume);
        Assert.Equal(ResumeOutcome.Exact, atEnd.Subscription.Resume);
        await PublishAsync("d");
        Assert.Equal(["b", "c", "d"], await again.TakeTextAsync(3));
        Assert.Equal(["d"], await atEnd.TakeTextAsync(1));
    }

    /// <summary>Before anything was published as well as later: there is a cursor before the very first message, too.</summary>
    /// <param name="publishedBefore">How many messages the event holds already.</param>
    /// <returns>A task.</returns>
    [TransportTheory(TransportCapability.ReplayFromCursor, TransportCapability.Broadcast)]
    [InlineData(0)]
    [InlineData(2)]
    public async Task A_subscription_that_was_cut_before_its_first_message_goes_on_where_it_began(int publishedBefore)
    {
        await PublishAsync(Numbers(0, publishedBefore));
        var first = await SubscribeAsync(new SubscribeOptions { Start = StartPosition.Latest });
        var cursor = first.StartCursor;
        Assert.InRange(cursor.Length, 1, Transport.Capabilities.MaxCursorLength);
        Assert.All(cursor, c => Assert.InRange(c, '!', '~'));
        await first.DisposeAsync();
        await PublishAsync("a", "b");
        var again = await SubscribeAsync(new SubscribeOptions { ResumeAfter = cursor });
        Assert.Equal(ResumeOutcome.Exact, again.Subscription.Resume);

        // A resumed subscription may be cut at once as well.
        var cursorAgain = again.StartCursor;
        await again.DisposeAsync();
        var third = await SubscribeAsync(new SubscribeOptions { ResumeAfter = cursorAgain });
        Assert.Equal(["a", "b"], await third.TakeTextAsync(2));
    }

    [TransportFact(TransportCapability.ReplayFromCursor, TransportCapability.ReplayFromBeginning, TransportCapability.Broadcast)]
    public async Task A_start_cursor_leads_to_the_beginning_of_a_subscription_that_began_there()
    {
        var beginning = new SubscribeOptions { Start = StartPosition.Beginning };

        await PublishAsync("a", "b");
        var first = await SubscribeAsync(beginning);
        var cursor = first.StartCursor;
        Assert.Equal(["a"], await first.TakeTextAsync(1));
        var again = await SubscribeAsync(new SubscribeOptions { ResumeAfter = cursor });
        Assert.Equal(ResumeOutcome.Exact, again.Subscription.Resume);
        Assert.Equal(["a", "b"], await again.TakeTextAsync(2));
    }

    [TransportFact(TransportCapability.ReplayFromCursor, TransportCapability.Broadcast)]
    public async Task A_cursor_that_the_transport_did_not_make_is_refused_by_name()
    {
        foreach (var cursor in new[] { "", "-", "no cursor", "ü", new string('f', ResumeCursor.MaxLength), "1-2-3-4-5-6-7" })
        {
            var failure = await FailsAsync(
                BrokerErrorCode.InvalidArgument, () => SubscribeAsync(new SubscribeOptions { ResumeAfter = cursor }));
            Assert.Contains("resume_after", failure.Message, StringComparison.Ordinal);
        }
    }

    [TransportFact(TransportCapability.ReplayFromCursor, TransportCapability.Broadcast)]
    public async Task A_cursor_from_before_the_event_was_registered_anew_tells_of_the_loss()
    {
        var first = await SubscribeAsync();
        await PublishAsync("a");
        var cursor = TestSubscriber.Cursor(await first.TakeOneAsync());
        await Transport.UnregisterAsync(Event, CancellationToken.None);
        await Transport.RegisterAsync(Event, EventOptions.None, CancellationToken.None);
        await PublishAsync("b");
        var again = await SubscribeAsync(new SubscribeOptions { ResumeAfter = cursor });
        Assert.Equal(ResumeOutcome.Lost, again.Subscription.Resume);
        Assert.Equal(["b"], await again.TakeTextAsync(1));
    }

    /// <summary>Regression: a position of another generation.</summary>
    /// <returns>A task.</returns>
    [TransportFact(TransportCapability.ReplayFromCursor, TransportCapability.Broadcast)]
    public async Task A_cursor_of_another_event_tells_of_the_loss()
    {
        var first = await SubscribeAsync();
        await PublishAsync("a", "b");
        var cursor = TestSubscriber.Cursor(await first.TakeOneAsync());
        Event = Fixture.NewEventName();
        await Transport.RegisterAsync(Event, EventOptions.None, CancellationToken.None);
        await PublishAsync("c", "d");
        var other = await SubscribeAsync(new SubscribeOptions { ResumeAfter = cursor });
        Assert.Equal(ResumeOutcome.Lost, other.Subscription.Resume);
        Assert.Equal(["c", "d"], await other.TakeTextAsync(2));
    }

    [TransportFact(TransportCapability.ReplayFromCursor, TransportCapability.Broadcast)]
    public async Task A_cursor_behind_retention_tells_of_the_loss()
    {
        var first = await SubscribeAsync();
        await PublishAsync(Numbers(0, 10));
        var cursor = TestSubscriber.Cursor(await first.TakeOneAsync());
        SkipUnless(await Fixture.LoseOldestAsync(Transport, Event, 5), "retention can't be made to remove messages here");
        var again = await SubscribeAsync(new SubscribeOptions { ResumeAfter = cursor });
        Assert.Equal(ResumeOutcome.Lost, again.Subscription.Resume);
        await PublishAsync("end");
        Assert.InRange((await again.TakeAsync(1))[0].Missed, 1, 10);
    }

    [TransportTheory(TransportCapability.ReplayFromBeginning)]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task A_place_that_retention_passes_by_is_told(PlaceKind kind)
    {
        SkipWhen(Fixture.StandsBeforeABroker, "what was sent ahead is not lost");

        await using (var first = await OpenAsync(kind))
        {
            await PublishAsync(Numbers(0, 10));
            Assert.Equal("0", await first.CompleteNextAsync());
        }

        SkipUnless(await Fixture.LoseOldestAsync(Transport, Event, 5), "retention can't be made to remove messages here");
        var again = await OpenAsync(kind, start: StartPosition.Latest);
        Assert.Equal(ResumeOutcome.Lost, again.Subscription.Resume);
        Assert.InRange((await again.TakeOneAsync()).Missed, 1, 10);
    }

    [TransportFact]
    public async Task A_subscriber_that_retention_passes_by_is_told_how_many_it_missed()
    {
        SkipWhen(Fixture.StandsBeforeABroker, "what was sent ahead is not lost");
        var slow = await SubscribeAsync();
        await PublishAsync(Numbers(0, 10));
        SkipUnless(await Fixture.LoseOldestAsync(Transport, Event, 5), "retention can't be made to remove messages here");
        await PublishAsync("end");
        var taken = (await slow.TakeAsync(1))[0];
        Assert.InRange(taken.Missed, 1, 10);
    }
}
