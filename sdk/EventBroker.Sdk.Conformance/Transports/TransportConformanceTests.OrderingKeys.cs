using EventBroker.Sdk.Conformance.Discovery;
using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

public abstract partial class TransportConformanceTests<TFixture>
{
    [TransportFact(TransportCapability.OrderingKeys, TransportCapability.WorkerGroups)]
    public async Task Messages_of_one_key_are_handed_out_one_after_the_other_while_those_of_others_go_on()
    {
        var member = await JoinAsync();
        foreach (var text in new[] { "a1", "a2", "b1" })
        {
            await PublishAsync(new TransportMessage(Message(text)) { OrderingKey = text[..1] });
        }

        var taken = await member.TakeAsync(2);
        Assert.Equal(["a1", "b1"], taken.Select(TestSubscriber.Text).Order());
        Assert.Empty(member.ReadOnce());
        var first = taken.Single(static d => TestSubscriber.Text(d) == "a1");
        if (Transport.Capabilities.Has(TransportCapability.Redelivery))
        {
            // Given back it is still the first of its key.
            await member.ReleaseAsync(first);
            first = await member.TakeOneAsync();
            Assert.Equal("a1", TestSubscriber.Text(first));
            Assert.Empty(member.ReadOnce());
        }

        await member.CompleteAsync(first);
        Assert.Equal("a2", await member.CompleteNextAsync());
    }
}
