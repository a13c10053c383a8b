using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

public abstract partial class TransportConformanceTests<TFixture>
{
    [Fact]
    public async Task A_subscription_goes_on_right_behind_its_cursor()
    {
        if (!await CanAsync(TransportCapability.ReplayFromCursor, new SubscribeOptions { ResumeAfter = "x" }))
        {
            return;
        }

        var first = await SubscribeAsync();
        await PublishAsync("a", "b", "c");
        var cursors = (await first.TakeAsync(3)).Select(first.Cursor).ToList();
        Assert.All(cursors, static c => Assert.InRange(c.Length, 1, SubscribeOptions.MaxCursorLength));
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
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task A_subscription_that_was_cut_before_its_first_message_goes_on_where_it_began(int publishedBefore)
    {
        if (!await CanAsync(TransportCapability.ReplayFromCursor, new SubscribeOptions { ResumeAfter = "x" }))
        {
            return;
        }

        await PublishAsync(Numbers(0, publishedBefore));
        var first = await SubscribeAsync(new SubscribeOptions { Start = StartPosition.Latest });
        var cursor = first.StartCursor();
        Assert.InRange(cursor.Length, 1, SubscribeOptions.MaxCursorLength);
        Assert.All(cursor, static c => Assert.InRange(c, '!', '~'));
        await first.DisposeAsync();
        await PublishAsync("a", "b");
        var again = await SubscribeAsync(new SubscribeOptions { ResumeAfter = cursor });
        Assert.Equal(ResumeOutcome.Exact, again.Subscription.Resume);

        // A resumed subscription may be cut at once as well.
        var cursorAgain = again.StartCursor();
        await again.DisposeAsync();
        var third = await SubscribeAsync(new SubscribeOptions { ResumeAfter = cursorAgain });
        Assert.Equal(["a", "b"], await third.TakeTextAsync(2));
    }

    [Fact]
    public async Task A_start_cursor_leads_to_the_beginning_of_a_subscription_that_began_there()
    {
        var beginning = new SubscribeOptions { Start = StartPosition.Beginning };
        if (!await CanAsync(TransportCapability.ReplayFromBeginning, beginning)
            || !await CanAsync(TransportCapability.ReplayFromCursor, new SubscribeOptions { ResumeAfter = "x" }))
        {
            return;
        }

        await PublishAsync("a", "b");
        var first = await SubscribeAsync(beginning);
        var cursor = first.StartCursor();
        Assert.Equal(["a"], await first.TakeTextAsync(1));
        var again = await SubscribeAsync(new SubscribeOptions { ResumeAfter = cursor });
        Assert.Equal(ResumeOutcome.Exact, again.Subscription.Resume);
        Assert.Equal(["a", "b"], await again.TakeTextAsync(2));
    }

    [Fact]
    public async Task A_worker_has_no_start_cursor()
    {
        if (await CanAsync(TransportCapability.WorkerGroups, Workers()))
        {
            Assert.Empty((await JoinAsync()).StartCursor());
        }
    }

    [Fact]
    public async Task A_cursor_that_the_transport_did_not_make_is_refused_by_name()
    {
        if (!await CanAsync(TransportCapability.ReplayFromCursor, new SubscribeOptions { ResumeAfter = "x" }))
        {
            return;
        }

        foreach (var cursor in new[] { "", "-", "no cursor", "ü", new string('f', SubscribeOptions.MaxCursorLength), "1-2-3-4-5-6-7" })
        {
            var failure = await FailsAsync(
                BrokerErrorCode.InvalidArgument, () => SubscribeAsync(new SubscribeOptions { ResumeAfter = cursor }));
            Assert.Contains("resume_after", failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_cursor_from_before_the_event_was_registered_anew_tells_of_the_loss()
    {
        if (!await CanAsync(TransportCapability.ReplayFromCursor, new SubscribeOptions { ResumeAfter = "x" }))
        {
            return;
        }

        var first = await SubscribeAsync();
        await PublishAsync("a");
        var cursor = first.Cursor((await first.TakeAsync(1))[0]);
        await Transport.UnregisterAsync(Event, CancellationToken.None);
        await Transport.RegisterAsync(Event, CancellationToken.None);
        await PublishAsync("b");
        var again = await SubscribeAsync(new SubscribeOptions { ResumeAfter = cursor });
        Assert.Equal(ResumeOutcome.Lost, again.Subscription.Resume);
        Assert.Equal(["b"], await again.TakeTextAsync(1));
    }

    [Fact]
    public async Task A_cursor_behind_retention_tells_of_the_loss()
    {
        if (!await CanAsync(TransportCapability.ReplayFromCursor, new SubscribeOptions { ResumeAfter = "x" }))
        {
            return;
        }

        var first = await SubscribeAsync();
        await PublishAsync(Numbers(0, 10));
        var cursor = first.Cursor((await first.TakeAsync(1))[0]);
        Assert.SkipUnless(await Fixture.LoseOldestAsync(Transport, Event, 5), "retention can't be made to remove messages here");
        var again = await SubscribeAsync(new SubscribeOptions { ResumeAfter = cursor });
        Assert.Equal(ResumeOutcome.Lost, again.Subscription.Resume);
        await PublishAsync("end");
        Assert.InRange((await again.TakeAsync(1))[0].Missed, 1, 10);
    }

    [Fact]
    public async Task A_subscriber_that_retention_passes_by_is_told_how_many_it_missed()
    {
        Assert.SkipWhen(Fixture.StandsBeforeABroker, "what was sent ahead is not lost");
        var slow = await SubscribeAsync();
        await PublishAsync(Numbers(0, 10));
        Assert.SkipUnless(await Fixture.LoseOldestAsync(Transport, Event, 5), "retention can't be made to remove messages here");
        await PublishAsync("end");
        var taken = (await slow.TakeAsync(1))[0];
        Assert.InRange(taken.Missed, 1, 10);
    }

    [Fact]
    public async Task A_consumer_id_goes_on_behind_what_it_completed()
    {
        if (!await CanAsync(TransportCapability.ConsumerResume, Consumer()))
        {
            return;
        }

        await using (var first = await SubscribeAsync(Consumer()))
        {
            Assert.Equal(ResumeOutcome.New, first.Subscription.Resume);
            Assert.True(first.Subscription.TracksCompletion);
            await PublishAsync("a", "b", "c", "d");
            var taken = await first.TakeAsync(4);
            first.Subscription.Complete(taken[0]);
            first.Subscription.Complete(taken[2]);
            await first.Subscription.FlushAsync(CancellationToken.None);
        }

        await PublishAsync("e");
        var again = await SubscribeAsync(Consumer());
        Assert.Equal(ResumeOutcome.Exact, again.Subscription.Resume);

        // What lies behind the gap may come again, what lies before it may not.
        var next = await again.TakeTextAsync(2);
        Assert.Equal("b", next[0]);
        Assert.Contains(next[1], new[] { "c", "d" });
        Assert.Contains("e", (await again.TakeTextAsync(next[1] == "c" ? 2 : 1)));
    }

    [Fact]
    public async Task A_consumer_ids_own_place_counts_more_than_a_start_position()
    {
        if (!await CanAsync(TransportCapability.ConsumerResume, Consumer()))
        {
            return;
        }

        await using (var first = await SubscribeAsync(Consumer()))
        {
            await PublishAsync("a", "b");
            Assert.Equal("a", await first.CompleteNextAsync());
        }

        var again = await SubscribeAsync(new SubscribeOptions { ConsumerId = "c-1", Start = StartPosition.Latest });
        Assert.Equal(["b"], await again.TakeTextAsync(1));
    }

    [Fact]
    public async Task A_second_subscription_takes_a_consumer_id_over()
    {
        if (!await CanAsync(TransportCapability.ConsumerResume, Consumer()))
        {
            return;
        }

        var first = await SubscribeAsync(Consumer());
        await PublishAsync("a", "b");
        Assert.Equal("a", await first.CompleteNextAsync());
        Assert.Equal(["b"], await first.TakeTextAsync(1));
        Assert.Empty(first.ReadOnce());
        var ended = first.Ready.Next;
        var second = await SubscribeAsync(Consumer());
        await ended.WaitAsync(Fixture.Patience);
        Assert.Equal(BrokerErrorCode.Aborted, Assert.Throws<BrokerException>(() => first.ReadOnce()).Code);
        Assert.Equal(["b"], await second.TakeTextAsync(1));
    }

    [Fact]
    public async Task Consumer_ids_do_not_disturb_each_other()
    {
        if (!await CanAsync(TransportCapability.ConsumerResume, Consumer()))
        {
            return;
        }

        var one = await SubscribeAsync(Consumer("c-1"));
        var other = await SubscribeAsync(Consumer("c-2"));
        await PublishAsync("a");
        Assert.Equal("a", await one.CompleteNextAsync());
        Assert.Equal("a", await other.CompleteNextAsync());
    }

    private static SubscribeOptions Consumer(string id = "c-1") => new() { ConsumerId = id };
}
