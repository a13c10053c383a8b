using EventBroker.Sdk.Conformance.Discovery;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

public abstract partial class TransportConformanceTests<TFixture>
{
    [TransportFact]
    public async Task A_receipt_names_the_place_at_which_the_message_is_delivered()
    {
        var subscriber = await SubscribeAsync();
        List<PublishReceipt> receipts = [await PublishAsync(new TransportMessage(Message("0"))), await PublishAsync(new TransportMessage(Message("1")))];
        var batch = await PublishBatchAsync(Numbers(2, 3).Select(t => new TransportMessage(Message(t))));
        receipts.AddRange(Enumerable.Range(0, batch.Count).Select(batch.GetReceipt));
        var taken = await subscriber.TakeAsync(5);
        Assert.All(receipts, static r => Assert.False(r.IsDuplicate));
        if (receipts.TrueForAll(static r => r.Position == default))
        {
            // The backend does not say where a message stands, which it need not.
            return;
        }

        var positions = taken.ToDictionary(TestSubscriber.Text, static d => d.Position);
        Assert.Equal(receipts.ConvertAll(static r => r.Position), Numbers(0, 5).Select(t => positions[t]));
    }

    [TransportTheory(Undeclared = true)]
    [InlineData(TransportCapability.OrderingKeys, "ordering_key")]
    [InlineData(TransportCapability.DelayedPublish, "due_time")]
    public async Task What_a_message_asks_for_and_is_not_declared_is_refused_by_name(TransportCapability capability, string name)
    {
        var subscriber = await SubscribeAsync();
        var refused = capability == TransportCapability.OrderingKeys
            ? new TransportMessage(Message("refused")) { OrderingKey = "k" }
            : new TransportMessage(Message("refused")) { DueTime = Fixture.Clock.GetUtcNow() + TimeSpan.FromHours(1) };
        var failure = await FailsAsync(BrokerErrorCode.FailedPrecondition, () => PublishAsync(refused));
        Assert.Contains(name, failure.Message, StringComparison.Ordinal);

        // In a batch it decides that one message.
        var batch = await PublishBatchAsync(new TransportMessage(Message("a")), refused, new TransportMessage(Message("b")));
        Assert.Null(batch.GetFailure(0));
        Assert.Equal(BrokerErrorCode.FailedPrecondition, batch.GetFailure(1)?.Code);
        Assert.Contains(name, batch.GetFailure(1)?.Message, StringComparison.Ordinal);
        Assert.Null(batch.GetFailure(2));
        Assert.Equal(["a", "b"], (await subscriber.TakeTextAsync(2)).Order());
    }

    [TransportFact(LimitsMessages = true)]
    public async Task A_message_larger_than_the_backend_takes_is_refused_and_the_next_is_not()
    {
        var subscriber = await SubscribeAsync();
        var large = new TransportMessage(Message(new string('x', Transport.Capabilities.MaxMessageBytes!.Value)));
        await FailsAsync(BrokerErrorCode.ResourceExhausted, () => PublishAsync(large));
        var batch = await PublishBatchAsync(large, new TransportMessage(Message("small")));
        Assert.Equal(BrokerErrorCode.ResourceExhausted, batch.GetFailure(0)?.Code);
        Assert.Null(batch.GetFailure(1));
        Assert.Equal(["small"], await subscriber.TakeTextAsync(1));
    }
}
