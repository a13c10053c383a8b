using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using EventBroker.Client.Tests.Faults;
using EventBroker.Client.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace EventBroker.Client.Tests.Transport;

public sealed class MetricsTests
{
    [Fact]
    public async Task What_is_published_received_settled_and_opened_anew_is_counted()
    {
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var factory = services.GetRequiredService<IMeterFactory>();
        var counts = new ConcurrentDictionary<string, double>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Scope == factory)
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Add(instrument, 1, tags));
        listener.Start();
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var proxy = new FaultProxy(broker.Address);
        var options = Clients.Options(proxy.Address);
        options.Retry.MaxRetries = 2;
        await using var client = new RemoteTransport(options, meterFactory: factory);
        await client.RegisterAsync("e");
        var openings = new Counted();
        await using var subscription = await client.SubscribeAsync(
            "e", new SubscribeOptions { WorkerGroup = "g", OnOpened = _ => openings.Increment() });

        await client.PublishAsync("e", "one");
        await client.PublishBatchAsync("e", [Clients.Message("two"), Clients.Message("three"), new OutgoingMessage { Payload = new byte[5_000_000] }]);
        await Assert.ThrowsAsync<EventBrokerException>(() => client.PublishAsync("missing", "four"));
        foreach (var delivery in await subscription.NextAsync(3))
        {
            await delivery.AckAsync();
        }

        proxy.CutConnections();
        await openings.ReachAsync(2);
        await proxy.CutAsync();
        await Assert.ThrowsAsync<EventBrokerException>(() => client.PublishAsync("e", "five"));

        Assert.Equal(
            [
                "publish.duration messaging.destination.name=e 1",
                "publish.duration messaging.destination.name=e error.type=Unavailable 1",
                "publish.duration messaging.destination.name=missing error.type=NotFound 1",
                "published messaging.destination.name=e 3",
                "published messaging.destination.name=e error.type=ResourceExhausted 1",
                "published messaging.destination.name=e error.type=Unavailable 1",
                "published messaging.destination.name=missing error.type=NotFound 1",
                "received messaging.destination.name=e 3",
                "reconnects messaging.destination.name=e 1",
                "retries 2",
                "settled eventbroker.settle.result=settled 3",
            ],
            counts.Select(static c => $"{c.Key} {c.Value}").Order(StringComparer.Ordinal));

        void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var key = instrument.Name["eventbroker.client.".Length..];
            foreach (var (name, text) in tags)
            {
                // The port is another one in each run.
                key += name.StartsWith("server.", StringComparison.Ordinal) ? "" : $" {name}={text}";
            }

            counts.AddOrUpdate(key, value, (_, sum) => sum + value);
        }
    }
}
