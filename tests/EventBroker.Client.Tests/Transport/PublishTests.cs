using EventBroker.Client.Tests.Hosting;

namespace EventBroker.Client.Tests.Transport;

public sealed class PublishTests
{
    [Fact]
    public async Task A_message_arrives_as_it_was_published()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address, static o => o.Source = "orders");
        await client.RegisterAsync("e");
        await using var subscription = await client.SubscribeAsync("e");

        var id = await client.PublishAsync(
            "e", new OutgoingMessage { Id = "m-1", Payload = new byte[] { 0, 255, 1 }, Metadata = new Dictionary<string, string> { ["k"] = "", [""] = "ü" } });

        Assert.Equal("m-1", id);
        var delivery = await subscription.NextAsync();
        Assert.Equal("e", delivery.EventName);
        Assert.Equal("m-1", delivery.Id);
        Assert.Equal("orders", delivery.Source);
        Assert.Equal([0, 255, 1], delivery.Payload.ToArray());
        Assert.Equal("", delivery.Metadata["k"]);
        Assert.Equal("ü", delivery.Metadata[""]);
        Assert.Equal(0, delivery.RetryCount);
        Assert.Equal(0, delivery.Missed);
        Assert.NotEmpty(delivery.Cursor);
        Assert.True(delivery.NeedsSettling);
        Assert.Equal(SettleResult.Settled, await delivery.AckAsync());
        Assert.Equal(SettleResult.Settled, await delivery.AckAsync());
    }
}
