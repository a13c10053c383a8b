using EventBroker.Sdk.Conformance.Discovery;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

public abstract partial class TransportConformanceTests<TFixture>
{
    [TransportFact(TransportCapability.Broadcast)]
    public async Task Every_subscription_gets_every_message_published_after_it_opened()
    {
        var first = await SubscribeAsync();
        await PublishAsync("a");
        var second = await SubscribeAsync(new SubscribeOptions { Start = StartPosition.Latest });
        await PublishAsync("b", "c");
        Assert.Equal(["a", "b", "c"], await first.TakeTextAsync(3));
        Assert.Equal(["b", "c"], await second.TakeTextAsync(2));
    }

    [TransportFact(TransportCapability.Broadcast)]
    public async Task A_message_comes_back_byte_for_byte()
    {
        var subscriber = await SubscribeAsync();
        var now = new MessageTimestamp(1_767_323_045, 409_738_313);
        EncodedMessage[] messages =
        [
            MessageEncoder.Encode("1", Fixture.StandsBeforeABroker ? "s" : "", [], null, now),
            MessageEncoder.Encode("2", "sörce", [0, 255, 10, 13, 0], [new("", ""), new("k", "v"), new("ключ", "значение")], now),
            MessageEncoder.Encode("3", "s", new byte[100_000], null, now),
        ];
        foreach (var message in messages)
        {
            await PublishAsync(new TransportMessage(message));
        }

        var taken = await subscriber.TakeAsync(messages.Length);
        for (var i = 0; i < messages.Length; i++)
        {
            var (expected, actual) = (messages[i], taken[i].Message);
            Assert.Equal(expected.GetId(), actual.GetId());
            Assert.Equal(expected.GetSource(), actual.GetSource());
            Assert.Equal(expected.GetPayload(), actual.GetPayload());
            Assert.Equal(expected.GetMetadata(), actual.GetMetadata());
            if (!Fixture.StandsBeforeABroker)
            {
                Assert.Equal(expected.GetTimestamp(), actual.GetTimestamp());
            }

            Assert.Equal(0, taken[i].RetryCount);
            Assert.Equal(0, taken[i].Missed);
        }
    }

    [TransportFact(TransportCapability.Broadcast)]
    public async Task A_batch_is_delivered_in_its_order()
    {
        var subscriber = await SubscribeAsync();
        var batch = await PublishBatchAsync(Numbers(0, 300).Select(t => new TransportMessage(Message(t))));
        await Transport.PublishAsync(Event, new PublishBatch(), CancellationToken.None);
        Assert.All(Enumerable.Range(0, batch.Count), i => Assert.Null(batch.GetFailure(i)));
        var texts = await subscriber.TakeTextAsync(300);
        Assert.Equal(Numbers(0, 300), InOrder(texts));
    }

    [TransportFact(TransportCapability.Broadcast)]
    public async Task Positions_are_unique_and_ascend_where_order_is_kept()
    {
        var subscriber = await SubscribeAsync();
        await PublishAsync(Numbers(0, 200));
        var positions = (await subscriber.TakeAsync(200)).Select(static d => d.Position).ToList();
        Assert.Equal(200, positions.Distinct().Count());
        if (Transport.Capabilities.Has(TransportCapability.Ordering))
        {
            Assert.Equal(positions.Order(), positions);
        }
    }

    [TransportFact(TransportCapability.ReplayFromBeginning, TransportCapability.Broadcast)]
    public async Task Two_subscriptions_see_a_message_at_the_same_position()
    {
        SkipWhen(Fixture.StandsBeforeABroker, "positions are the other broker's");

        var first = await SubscribeAsync(new SubscribeOptions { Start = StartPosition.Beginning });
        var second = await SubscribeAsync(new SubscribeOptions { Start = StartPosition.Beginning });
        await PublishAsync("a", "b");
        Assert.Equal(
            (await first.TakeAsync(2)).Select(static d => d.Position), (await second.TakeAsync(2)).Select(static d => d.Position));
    }

    [TransportFact(TransportCapability.Broadcast)]
    public async Task A_read_stops_at_the_bytes_asked_for_but_never_before_the_first_message()
    {
        var subscriber = await SubscribeAsync();
        await PublishAsync(Numbers(0, 40));
        var seen = new List<string>();
        while (seen.Count < 40)
        {
            var read = subscriber.ReadOnce(64, maxBytes: 1);
            Assert.InRange(read.Count, 0, 1);
            seen.AddRange(read.Select(TestSubscriber.Text));

            // It gave less than asked for and has more: it owes a signal.
            await (seen.Count < 40 ? subscriber.Demand().WaitAsync(Fixture.Patience) : Task.CompletedTask);
        }

        Assert.Equal(Numbers(0, 40), InOrder(seen));
    }

    [TransportFact(TransportCapability.Broadcast)]
    public async Task A_subscriber_that_never_reads_holds_up_nobody()
    {
        _ = await SubscribeAsync();
        var reader = await SubscribeAsync();
        for (var round = 0; round < 20; round++)
        {
            await PublishBatchAsync(Numbers(round * 100, 100));
            Assert.Equal(Numbers(round * 100, 100), InOrder(await reader.TakeTextAsync(100)));
        }
    }

    [TransportFact(TransportCapability.Broadcast)]
    public async Task A_disposed_subscription_leaves_the_others_alone_and_can_be_disposed_twice()
    {
        var gone = await SubscribeAsync();
        var stays = await SubscribeAsync();
        Assert.Empty(gone.ReadOnce());
        await gone.DisposeAsync();
        await gone.DisposeAsync();
        await PublishAsync("a");
        Assert.Equal(["a"], await stays.TakeTextAsync(1));
    }
}
