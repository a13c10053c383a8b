using EventBroker.Nats.Tests;
using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Nats.Tests;

// What this host knows itself and what it hears of the bucket come by two ways, in any order.
public sealed class EventListTests : IAsyncLifetime
{
    private NatsServer _server = null!;
    private NatsTransport _transport = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await NatsServer.StartAsync("-js");
        _transport = await NatsTransports.StartAsync(_server.Address);
    }

    public async ValueTask DisposeAsync()
    {
        await _transport.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task An_event_that_was_unregistered_is_gone_with_what_was_held_whenever_the_bucket_tells_it()
    {
        for (var i = 0; i < 500; i++)
        {
            await _transport.RegisterAsync("order", new EventOptions(), CancellationToken.None);
            var probe = new SubscriberProbe();
            var subscription = await _transport.SubscribeAsync(
                "order", new SubscribeOptions { Mode = DeliveryMode.WorkerPool }, probe, CancellationToken.None);
            await using var subscriber = new TestSubscriber(subscription, probe, TimeSpan.FromSeconds(30));
            await _transport.PublishAsync(
                "order", new TransportMessage(MessageEncoder.Encode("m", "tests", "x"u8, null, default)), CancellationToken.None);
            var taken = await subscriber.TakeOneAsync();

            await _transport.UnregisterAsync("order", CancellationToken.None);
            Assert.Equal([SettlementOutcome.LeaseLost], await subscriber.CompleteAsync(taken));
            var refusal = await Assert.ThrowsAsync<BrokerException>(
                async () => await _transport.SubscribeAsync("order", new SubscribeOptions(), new SubscriberProbe(), CancellationToken.None));
            Assert.Equal(BrokerErrorCode.NotFound, refusal.Code);
        }
    }
}
