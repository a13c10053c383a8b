using System.Diagnostics.Metrics;
using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EventBroker.Transport.Memory.Tests;

/// <summary>A memory transport with a fake clock and one event, whose messages are numbers.</summary>
public sealed class Harness : IAsyncDisposable
{
    public const string Event = "e";
    private readonly Meter _meter = new("tests");
    private int _published;

    private Harness(MemorySettings settings) =>
        Transport = new MemoryTransport("local", settings, Clock, _meter, NullLogger.Instance);

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public MemoryTransport Transport { get; }

    public Meter Meter => _meter;

    public static async Task<Harness> StartAsync(MemorySettings? settings = null, EventOptions? options = null)
    {
        var harness = new Harness(settings ?? new MemorySettings());
        await harness.Transport.RegisterAsync(Event, options ?? EventOptions.None, CancellationToken.None);
        return harness;
    }

    public static EncodedMessage Message(int number, int size = 4)
    {
        var bytes = new byte[Math.Max(size, 4)];
        BitConverter.TryWriteBytes(bytes, number);
        return new EncodedMessage(bytes);
    }

    public static int Number(Delivery delivery) => BitConverter.ToInt32(delivery.Message.Bytes.Span);

    public static int[] Numbers(IEnumerable<Delivery> deliveries) => [.. deliveries.Select(Number)];

    /// <summary>Publishes the next numbers, from 0.</summary>
    public async Task PublishAsync(int count, int size = 4, string eventName = Event)
    {
        for (var i = 0; i < count; i++)
        {
            await Transport.PublishAsync(eventName, new TransportMessage(Message(_published++, size)), CancellationToken.None);
        }
    }

    public async Task<TestSubscriber> SubscribeAsync(SubscribeOptions? options = null, string eventName = Event)
    {
        var probe = new SubscriberProbe();
        var subscription = await Transport.SubscribeAsync(
            eventName, options ?? new SubscribeOptions(), probe, CancellationToken.None);
        return new TestSubscriber(subscription, probe, TimeSpan.FromSeconds(30));
    }

    public Task<TestSubscriber> FromBeginningAsync(string eventName = Event) =>
        SubscribeAsync(new SubscribeOptions { Start = StartPosition.Beginning }, eventName);

    public Task<TestSubscriber> JoinAsync(string group = "", string consumerId = "", StartPosition start = StartPosition.Unspecified) => SubscribeAsync(
        new SubscribeOptions { Mode = DeliveryMode.WorkerPool, WorkerGroup = group, ConsumerId = consumerId, Start = start });

    /// <summary>Opens a consumer id.</summary>
    public Task<TestSubscriber> OpenAsync(string consumerId = "c", StartPosition start = StartPosition.Unspecified) =>
        SubscribeAsync(new SubscribeOptions { ConsumerId = consumerId, Start = start });

    public ValueTask SeekAsync(
        PlaceKind kind, string name, StartPosition position = StartPosition.Unspecified, DateTimeOffset? time = null, string? after = null) =>
        Transport.SeekAsync(
            Event, new SeekRequest { Kind = kind, Name = name, Position = position, Time = time, After = after }, CancellationToken.None);

    public async Task<GroupDescription?> DescribeAsync(PlaceKind kind, string name) =>
        (await Transport.DescribeAsync(Event, CancellationToken.None)).Groups.SingleOrDefault(g => g.Kind == kind && g.Name == name);

    public async Task<long> DetailAsync(string name) => long.Parse(
        (await Transport.CheckHealthAsync(CancellationToken.None)).Details[name], System.Globalization.CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync()
    {
        await Transport.DisposeAsync();
        _meter.Dispose();
    }
}
