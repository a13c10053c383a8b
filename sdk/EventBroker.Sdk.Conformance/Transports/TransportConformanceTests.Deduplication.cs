using EventBroker.Sdk.Conformance.Discovery;
using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

public abstract partial class TransportConformanceTests<TFixture>
{
    [TransportFact(TransportCapability.Deduplication, Undeclared = true)]
    public async Task Without_deduplication_two_messages_of_one_id_are_two_messages()
    {
        var subscriber = await SubscribeAsync();
        var receipts = await PublishTwiceAsync("same");
        Assert.All(receipts, static r => Assert.False(r.IsDuplicate));
        var batch = await PublishBatchAsync(new TransportMessage(Message("c", "same")), new TransportMessage(Message("d", "same")));
        Assert.False(batch.GetReceipt(1).IsDuplicate);
        Assert.Equal(["a", "b", "c", "d"], (await subscriber.TakeTextAsync(4)).Order());
    }

    [TransportFact(TransportCapability.Deduplication)]
    public async Task A_second_message_of_the_same_id_is_dropped_and_its_publisher_told()
    {
        var subscriber = await SubscribeAsync();
        var receipts = await PublishTwiceAsync("same");
        Assert.False(receipts[0].IsDuplicate);
        Assert.True(receipts[1].IsDuplicate);
        Assert.True(receipts[1].Position == default || receipts[1].Position == receipts[0].Position);
        await PublishAsync("other");
        Assert.Equal(["a", "other"], await subscriber.TakeTextAsync(2));
    }

    [TransportFact(TransportCapability.Deduplication)]
    public async Task Within_a_batch_and_across_batches_a_second_message_of_the_same_id_is_dropped()
    {
        var subscriber = await SubscribeAsync();
        var first = await PublishBatchAsync(new TransportMessage(Message("a", "same")), new TransportMessage(Message("b", "same")));
        Assert.Equal([false, true], Enumerable.Range(0, 2).Select(i => first.GetReceipt(i).IsDuplicate));
        var second = await PublishBatchAsync(new TransportMessage(Message("c", "same")), new TransportMessage(Message("d", "another")));
        Assert.Equal([true, false], Enumerable.Range(0, 2).Select(i => second.GetReceipt(i).IsDuplicate));
        Assert.Equal(["a", "d"], await subscriber.TakeTextAsync(2));
    }

    [TransportFact(TransportCapability.Deduplication)]
    public async Task Ids_are_remembered_for_each_event_by_itself()
    {
        var other = Fixture.NewEventName();
        await Transport.RegisterAsync(other, EventOptions.None, CancellationToken.None);
        await PublishAsync(new TransportMessage(Message("a", "same")));
        var receipt = await Transport.PublishAsync(other, new TransportMessage(Message("a", "same")), CancellationToken.None);
        Assert.False(receipt.IsDuplicate);
    }

    [TransportFact(TransportCapability.Deduplication, Options = [EventOption.DeduplicationWindow])]
    public async Task An_id_is_forgotten_after_its_window()
    {
        await RegisterAnewAsync(new EventOptions { DeduplicationWindow = TimeSpan.FromSeconds(3.5) });
        var subscriber = await SubscribeAsync();
        await PublishTwiceAsync("same");
        await Fixture.PassTimeAsync(TimeSpan.FromSeconds(5));
        Assert.False((await PublishAsync(new TransportMessage(Message("later", "same")))).IsDuplicate);
        Assert.Equal(["a", "later"], await subscriber.TakeTextAsync(2));
    }

    private async Task<PublishReceipt[]> PublishTwiceAsync(string id) =>
    [
        await PublishAsync(new TransportMessage(Message("a", id))),
        await PublishAsync(new TransportMessage(Message("b", id))),
    ];
}
