using EventBroker.Client.Testing;
using Microsoft.Extensions.Time.Testing;

namespace EventBroker.Client.Bus.Tests;

// A bus over a broker of its own, with one event that exists.
internal sealed class BusFixture : IAsyncDisposable
{
    public const string EventName = "order.created";

    private BusFixture(TestBroker broker, FakeTimeProvider time, LogRecords log)
    {
        Broker = broker;
        Time = time;
        Log = log;
        Bus = new EventBus(broker.Transport);
        Orders = Bus.Event<Order>(EventName);
    }

    public TestBroker Broker { get; }

    public FakeTimeProvider Time { get; }

    public LogRecords Log { get; }

    public EventBus Bus { get; }

    public Event<Order> Orders { get; }

    public static async Task<BusFixture> StartAsync()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        var log = new LogRecords();
        var broker = await TestBroker.StartAsync(
            new TestBrokerOptions { Events = [EventName], TimeProvider = time, LoggerFactory = log });
        return new BusFixture(broker, time, log);
    }

    // Handlers without a delay before what they give back comes again.
    public static HandlerOptions WithoutDelay() => new() { NackDelay = null };

    public ValueTask DisposeAsync() => Broker.DisposeAsync();
}
