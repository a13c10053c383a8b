using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Memory.Tests;

public sealed class SeekTests
{
    [Theory]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task A_place_is_moved_to_the_beginning_the_end_a_time_and_a_cursor(PlaceKind kind)
    {
        await using var harness = await Harness.StartAsync();
        var witness = await harness.SubscribeAsync();
        var reader = await OpenAsync(harness, kind);
        await harness.PublishAsync(3);
        harness.Clock.Advance(TimeSpan.FromMinutes(1));
        var middle = harness.Clock.GetUtcNow();
        await harness.PublishAsync(3);
        var cursor = TestSubscriber.Cursor(witness.ReadOnce()[4]);
        await reader.CompleteAsync(reader.ReadOnce());

        async Task<string> MovedAsync(StartPosition position, DateTimeOffset? time = null, string? after = null)
        {
            var signalled = reader.DemandWhenEmpty();
            await harness.SeekAsync(kind, "p", position, time, after);
            Assert.Equal(position != StartPosition.Latest, signalled.IsCompleted);
            var read = reader.ReadOnce();
            Assert.All(read, static d => Assert.Equal(0, d.RetryCount));
            await reader.CompleteAsync(read);
            return string.Join(", ", Harness.Numbers(read));
        }

        Assert.Equal("0, 1, 2, 3, 4, 5", await MovedAsync(StartPosition.Beginning));
        Assert.Equal("3, 4, 5", await MovedAsync(StartPosition.Timestamp, middle));
        Assert.Equal("5", await MovedAsync(StartPosition.Unspecified, after: cursor));
        Assert.Equal("", await MovedAsync(StartPosition.Latest));
        Assert.Empty(reader.Probe.Lost);
    }

    [Theory]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task What_is_held_is_lost_what_waits_is_dropped_and_old_settlements_change_nothing(PlaceKind kind)
    {
        await using var harness = await Harness.StartAsync();
        var reader = await OpenAsync(harness, kind);
        await harness.PublishAsync(3);
        var read = reader.ReadOnce();
        await reader.ReleaseAsync(read[0], TimeSpan.FromSeconds(1));
        await reader.ReleaseAsync(read[1]);
        Assert.NotEqual(0, await harness.DetailAsync("waiting_bytes"));
        await harness.SeekAsync(kind, "p", StartPosition.Beginning);
        Assert.Equal([2], Harness.Numbers(reader.Probe.Lost));
        Assert.Equal(0, await harness.DetailAsync("waiting_bytes"));
        var again = reader.ReadOnce();
        Assert.Equal([(0, 0), (1, 0), (2, 0)], again.Select(static d => (Harness.Number(d), d.RetryCount)));
        Assert.Equal([SettlementOutcome.LeaseLost], await reader.CompleteAsync(read[2]));
        Assert.Equal(SettlementOutcome.Done, await reader.ReleaseAsync(again[2]));
        harness.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal([2], Harness.Numbers(reader.ReadOnce()));
    }

    [Fact]
    public async Task All_members_lose_what_they_hold_and_are_woken()
    {
        await using var harness = await Harness.StartAsync();
        var members = new[] { await harness.JoinAsync("p"), await harness.JoinAsync("p") };
        await harness.PublishAsync(40);
        var held = members.Select(static m => m.ReadOnce(20)).ToArray();
        var signalled = members.Select(static m => m.DemandWhenEmpty()).ToArray();
        await harness.SeekAsync(PlaceKind.WorkerGroup, "p", StartPosition.Beginning);
        Assert.All(signalled, static s => Assert.True(s.IsCompleted));
        Assert.Equal(held, members.Select(static m => m.Probe.Lost));
        Assert.Equal(Enumerable.Range(0, 40), members.SelectMany(static m => Harness.Numbers(m.ReadOnce())));
    }

    [Theory]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task A_place_that_does_not_exist_is_made_there(PlaceKind kind)
    {
        await using var harness = await Harness.StartAsync();
        await harness.PublishAsync(2);
        await harness.SeekAsync(kind, "p", StartPosition.Beginning);
        Assert.Equal(2, (await harness.DescribeAsync(kind, "p"))!.Lag);
        var reader = await OpenAsync(harness, kind);
        Assert.NotEqual(ResumeOutcome.New, reader.Subscription.Resume);
        Assert.Equal([0, 1], Harness.Numbers(reader.ReadOnce()));
    }

    [Fact]
    public async Task A_cursor_whose_messages_are_lost_is_refused_and_so_is_none()
    {
        await using var harness = await Harness.StartAsync(new MemorySettings { MaxMessagesPerEvent = 2 });
        var witness = await harness.SubscribeAsync();
        var reader = await harness.OpenAsync("p");
        await harness.PublishAsync(1);
        var cursor = TestSubscriber.Cursor(witness.ReadOnce()[0]);
        await harness.PublishAsync(5);

        async Task<BrokerException> FailsAsync(string after) => await Assert.ThrowsAsync<BrokerException>(
            () => harness.SeekAsync(PlaceKind.ConsumerId, "p", after: after).AsTask());
        Assert.Equal(BrokerErrorCode.FailedPrecondition, (await FailsAsync(cursor)).Code);
        Assert.Equal(BrokerErrorCode.FailedPrecondition, (await FailsAsync("1-1")).Code);
        Assert.Equal(BrokerErrorCode.InvalidArgument, (await FailsAsync("here")).Code);
        Assert.Equal([4, 5], Harness.Numbers(reader.ReadOnce()));
        await harness.Transport.UnregisterAsync(Harness.Event, CancellationToken.None);
        Assert.Equal(BrokerErrorCode.NotFound, (await FailsAsync(cursor)).Code);
    }

    [Fact]
    public async Task A_member_whose_broker_fails_to_take_the_loss_keeps_nobody_from_the_move()
    {
        await using var harness = await Harness.StartAsync();
        var failing = await harness.Transport.SubscribeAsync(
            Harness.Event, new SubscribeOptions { Mode = DeliveryMode.WorkerPool, WorkerGroup = "p" }, new FailingSubscriber(), CancellationToken.None);
        var member = await harness.JoinAsync("p");
        await harness.PublishAsync(2);
        Assert.Equal(1, failing.Read(new Delivery[1], int.MaxValue));
        var held = member.ReadOnce(1);
        await harness.SeekAsync(PlaceKind.WorkerGroup, "p", StartPosition.Beginning);
        Assert.Equal(held, member.Probe.Lost);
        Assert.Equal([0, 1], Harness.Numbers(member.ReadOnce()));
    }

    private static Task<TestSubscriber> OpenAsync(Harness harness, PlaceKind kind) =>
        kind == PlaceKind.WorkerGroup ? harness.JoinAsync("p") : harness.OpenAsync("p");

    private sealed class FailingSubscriber : ISubscriber
    {
        public void Ready() => throw new InvalidOperationException("Ready fails.");

        public void LeasesLost(Predicate<Delivery> isLost) => throw new InvalidOperationException("LeasesLost fails.");
    }
}
