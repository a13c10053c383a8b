using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Memory.Tests;

public sealed class EventOptionsTests
{
    [Fact]
    public async Task An_event_keeps_what_it_was_registered_with_and_the_settings_hold_for_the_rest()
    {
        var settings = new MemorySettings { MaxMessagesPerEvent = 5 };
        await using var harness = await Harness.StartAsync(settings, new EventOptions { Retention = TimeSpan.FromDays(400) });
        await harness.PublishAsync(8, size: 10);
        for (var day = 0; day < 399; day++)
        {
            harness.Clock.Advance(TimeSpan.FromDays(1));
        }

        var description = await harness.Transport.DescribeAsync(Harness.Event, CancellationToken.None);
        Assert.Equal((5L, 50L), (description.Messages, description.Bytes));
        Assert.Equal(TimeSpan.FromDays(400), description.Options.Retention);
        Assert.Equal((settings.MaxBytesPerEvent.Bytes, 5L), (description.Options.MaxBytes, description.Options.MaxMessages));
        Assert.Null(description.Options.MaxMessageBytes);
        Assert.Equal("3, 4, 5, 6, 7", await RetainedAsync(harness.FromBeginningAsync()));
        harness.Clock.Advance(TimeSpan.FromDays(2));
        Assert.Equal(0, (await harness.Transport.DescribeAsync(Harness.Event, CancellationToken.None)).Messages);
    }

    [Fact]
    public async Task Messages_and_bytes_of_one_event_are_bounded_by_its_options()
    {
        await using var harness = await Harness.StartAsync(options: new EventOptions { MaxMessages = 3 });
        await harness.Transport.RegisterAsync("bytes", new EventOptions { MaxBytes = 4 * 116 }, CancellationToken.None);
        await harness.PublishAsync(5);
        await harness.PublishAsync(10, size: 100, eventName: "bytes");
        Assert.Equal("2, 3, 4", await RetainedAsync(harness.FromBeginningAsync()));
        Assert.Equal("11, 12, 13, 14", await RetainedAsync(harness.FromBeginningAsync("bytes")));
    }

    [Fact]
    public async Task A_silent_event_with_a_shorter_retention_gives_its_memory_back_by_itself()
    {
        await using var harness = await Harness.StartAsync(options: new EventOptions { Retention = TimeSpan.FromSeconds(10) });
        await harness.PublishAsync(100, size: 1_000);
        harness.Clock.Advance(TimeSpan.FromSeconds(12));
        Assert.Equal(0, await harness.DetailAsync("retained_bytes"));
    }

    [Fact]
    public async Task A_message_above_the_events_own_limit_is_refused_and_the_others_of_its_batch_are_not()
    {
        await using var harness = await Harness.StartAsync(options: new EventOptions { MaxMessageBytes = 100 });
        var failure = await Assert.ThrowsAsync<BrokerException>(() => harness.PublishAsync(1, size: 101));
        Assert.Equal(BrokerErrorCode.ResourceExhausted, failure.Code);
        var batch = new PublishBatch();
        foreach (var size in new[] { 100, 101, 4 })
        {
            batch.Add(new TransportMessage(Harness.Message(size, size)));
        }

        await harness.Transport.PublishAsync(Harness.Event, batch, CancellationToken.None);
        Assert.Equal(BrokerErrorCode.ResourceExhausted, batch.GetFailure(1)?.Code);
        var read = (await harness.FromBeginningAsync()).ReadOnce();
        Assert.Equal([100, 4], Harness.Numbers(read));
        Assert.Equal(read.Select(static d => d.Position), [batch.GetReceipt(0).Position, batch.GetReceipt(2).Position]);
    }

    [Fact]
    public async Task A_receipt_says_where_the_message_stands()
    {
        await using var harness = await Harness.StartAsync();
        var subscriber = await harness.SubscribeAsync();
        var receipt = await harness.Transport.PublishAsync(
            Harness.Event, new TransportMessage(Harness.Message(7)), CancellationToken.None);
        Assert.False(receipt.IsDuplicate);
        Assert.Equal(subscriber.ReadOnce()[0].Position, receipt.Position);
    }

    [Fact]
    public async Task Ordering_keys_and_due_times_are_refused_by_name()
    {
        await using var harness = await Harness.StartAsync();
        var keyed = new TransportMessage(Harness.Message(0)) { OrderingKey = "k" };
        var later = new TransportMessage(Harness.Message(1)) { DueTime = harness.Clock.GetUtcNow() };
        foreach (var (message, name) in new[] { (keyed, "ordering_key"), (later, "due_time") })
        {
            var failure = await Assert.ThrowsAsync<BrokerException>(
                () => harness.Transport.PublishAsync(Harness.Event, message, CancellationToken.None).AsTask());
            Assert.Equal(BrokerErrorCode.FailedPrecondition, failure.Code);
            Assert.Contains(name, failure.Message, StringComparison.Ordinal);
            var batch = new PublishBatch();
            batch.Add(message);
            batch.Add(new TransportMessage(Harness.Message(2)));
            await harness.Transport.PublishAsync(Harness.Event, batch, CancellationToken.None);
            Assert.Equal(failure.Message, batch.GetFailure(0)?.Message);
            Assert.Null(batch.GetFailure(1));
        }

        Assert.Equal("2, 2", await RetainedAsync(harness.FromBeginningAsync()));
    }

    [Fact]
    public async Task Options_that_it_does_not_know_are_refused_by_name()
    {
        await using var harness = await Harness.StartAsync();
        var failure = await Assert.ThrowsAsync<BrokerException>(
            () => harness.Transport.RegisterAsync("x", new EventOptions { Partitions = 2 }, CancellationToken.None).AsTask());
        Assert.Equal(BrokerErrorCode.FailedPrecondition, failure.Code);
        Assert.Contains("partitions", failure.Message, StringComparison.Ordinal);
        Assert.Equal([Harness.Event], await harness.Transport.ListAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Groups_and_consumer_ids_are_described_with_members_lag_and_what_is_unsettled()
    {
        await using var harness = await Harness.StartAsync();
        var one = await harness.JoinAsync("g");
        await harness.JoinAsync("g");
        await (await harness.OpenAsync("c")).DisposeAsync();
        await harness.PublishAsync(10);
        var read = one.ReadOnce(4);
        await one.CompleteAsync(read[0]);
        await one.ReleaseAsync(read[1], TimeSpan.FromHours(1));
        var group = await harness.DescribeAsync(PlaceKind.WorkerGroup, "g");
        Assert.Equal((2, 6L, 3L), (group!.Members, group.Lag, group.Unsettled));
        var consumer = await harness.DescribeAsync(PlaceKind.ConsumerId, "c");
        Assert.Equal((0, 10L, 0L), (consumer!.Members, consumer.Lag, consumer.Unsettled));
        var failure = await Assert.ThrowsAsync<BrokerException>(
            () => harness.Transport.DescribeAsync("none", CancellationToken.None).AsTask());
        Assert.Equal(BrokerErrorCode.NotFound, failure.Code);
    }

    private static async Task<string> RetainedAsync(Task<TestSubscriber> subscriber) =>
        string.Join(", ", Harness.Numbers((await subscriber).ReadOnce()));
}
