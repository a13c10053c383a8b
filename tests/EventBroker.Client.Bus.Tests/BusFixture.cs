using EventBroker.Client.Testing;
using Microsoft.Extensions.Time.Testing;

namespace EventBroker.Client.Bus.Tests;

// A bus over a broker of its own, with one event that exists and a clock that the test moves.
internal sealed class BusFixture : IAsyncDisposable
{
    public const string EventName = "order.created";

    private readonly WatchedReads _reads;

    private BusFixture(TestBroker broker, FakeTimeProvider time, LogRecords log, WatchedReads reads, int batchSize)
    {
        _reads = reads;
        Broker = broker;
        Time = time;
        Log = log;
        Wire wire = null!;
        Transport = broker.CreateTransport(options =>
        {
            wire = new Wire(options.HttpHandler!);
            options.HttpHandler = wire;
            options.Retry.MaxRetries = 0;
            options.SettlementBatchSize = batchSize;
        });
        Wire = wire;
        Bus = new EventBus(Transport);
        Orders = Bus.Event<Order>(EventName);
    }

    public TestBroker Broker { get; }

    public FakeTimeProvider Time { get; }

    public LogRecords Log { get; }

    public Wire Wire { get; }

    public RemoteTransport Transport { get; }

    public EventBus Bus { get; }

    public Event<Order> Orders { get; }

    public static async Task<BusFixture> StartAsync(int batchSize = 100)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        var log = new LogRecords();
        WatchedReads reads = null!;
        var broker = await TestBroker.StartAsync(new TestBrokerOptions
        {
            Events = [EventName],
            TimeProvider = time,
            LoggerFactory = log,
            Decorate = inner => reads = new WatchedReads(inner),
        });
        return new BusFixture(broker, time, log, reads, batchSize);
    }

    // Ends when the clock may be moved. The broker has sent what it has read: until then it may count the time to settle it from later, and a
    // clock that is moved far takes the connection for one that takes nothing. And the client waits for more: what comes while it reads counts
    // as come with what it reads, and would be too old after the clock was moved.
    public async Task HandedOverAsync()
    {
        await _reads.HandedOverAsync();
        await Wire.WhenReadOutAsync();
    }

    // Publishes bytes that are no order.
    public Task<string> PublishGarbageAsync() =>
        Transport.PublishAsync(EventName, new OutgoingMessage { Payload = "{ no order"u8.ToArray(), Source = "shop" });

    public ValueTask DisposeAsync() => Broker.DisposeAsync();
}
