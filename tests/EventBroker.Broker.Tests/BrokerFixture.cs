using System.Diagnostics.Metrics;
using System.Text;
using EventBroker.Broker.Access;
using EventBroker.Broker.Routing;
using EventBroker.Broker.Settling;
using EventBroker.Broker.Subscribing;
using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Interception;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Memory;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EventBroker.Broker.Tests;

/// <summary>A broker over the memory transport with a clock that stands still until a test moves it.</summary>
internal sealed class BrokerFixture : IAsyncDisposable
{
    private readonly Meter _meter = new("test");
    private readonly MemoryTransport _memory;

    public BrokerFixture(
        IReadOnlyList<IAuthorizer>? authorizers = null,
        IReadOnlyList<IInterceptor>? interceptors = null,
        BrokerOptions? options = null,
        ITransport? transport = null,
        Func<TimeProvider, ITransport>? makeTransport = null,
        MemorySettings? memory = null,
        ILoggerFactory? loggers = null)
    {
        transport ??= makeTransport?.Invoke(Clock);
        _memory = new MemoryTransport("local", memory ?? new MemorySettings(), Clock, _meter, NullLogger.Instance);
        Broker = new MessageBroker(
            new BrokerSetup
            {
                Transports = new Dictionary<string, ITransport> { ["local"] = transport ?? _memory },
                Routes = [new EventRoute { Events = "*", Transport = "local" }],
                Authorizers = authorizers ?? [new FixedAuthorizer(static _ => AuthorizationDecision.Allow)],
                Interceptors = interceptors ?? [],
                // Nacks without a delay come back at once, so that tests need not move the clock for each.
                Options = options ?? new BrokerOptions { NackDelay = TimeSpan.Zero },
            },
            Clock,
            loggers ?? NullLoggerFactory.Instance);
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    public MessageBroker Broker { get; }

    public InProcessCaller Caller { get; } = new();

    public async ValueTask RegisterAsync(string eventName = "e") =>
        await Broker.RegisterAsync(Caller, eventName, EventOptions.None, CancellationToken.None);

    public async ValueTask<string> PublishAsync(string id, string eventName = "e", int payload = 3)
    {
        var message = new MessageEncoder();
        message.WriteId(Encoding.UTF8.GetBytes(id));
        message.WritePayload(new byte[payload]);
        return Encoding.UTF8.GetString((await Broker.PublishAsync(Caller, eventName, message, CancellationToken.None)).Id.Span);
    }

    public ValueTask<BrokerSubscription> SubscribeAsync(
        string? group = null,
        bool autoAck = false,
        int maxInFlight = 0,
        TimeSpan? ackTimeout = null,
        string eventName = "e",
        string consumerId = "") =>
        Broker.SubscribeAsync(
            Caller,
            new SubscribeRequest
            {
                EventName = eventName,
                Mode = group is null ? DeliveryMode.Broadcast : DeliveryMode.WorkerPool,
                WorkerGroup = group ?? "",
                ConsumerId = consumerId,
                AutoAck = autoAck,
                MaxInFlight = maxInFlight,
                AckTimeout = ackTimeout,
            },
            CancellationToken.None);

    public async Task<SettleResult> SettleAsync(
        BrokerSubscription subscription, OutboundDelivery delivery, Settlement settlement, TimeSpan? time = null, Caller? caller = null)
    {
        var entries = new[] { new SettleEntry { AckId = IdOf(subscription, delivery), Settlement = settlement, Time = time } };
        await Broker.SettleAsync(caller ?? Caller, entries, CancellationToken.None);
        return entries[0].Result;
    }

    public static AckId IdOf(BrokerSubscription subscription, OutboundDelivery delivery)
    {
        Span<byte> text = stackalloc byte[AckId.MaxLength];
        Assert.True(AckId.TryParse(text[..subscription.FormatAckId(delivery, text)], out var id));
        return id;
    }

    /// <summary>Takes what is there now, without waiting for more.</summary>
    public static async Task<List<OutboundDelivery>> TakeAsync(BrokerSubscription subscription, int most = 64)
    {
        var buffer = new OutboundDelivery[most];
        var taken = await subscription.TakeAsync(buffer, 1 << 20);
        await subscription.SentAsync(hasWaited: true);
        return [.. buffer.Take(taken)];
    }

    /// <summary>Waits for the next delivery.</summary>
    public static async Task<OutboundDelivery> NextAsync(BrokerSubscription subscription)
    {
        while (true)
        {
            await subscription.WaitAsync();
            if (await TakeAsync(subscription, 1) is [var delivery])
            {
                return delivery;
            }
        }
    }

    public static async Task<BrokerErrorCode> CodeOfAsync(Func<Task> call) =>
        (await Assert.ThrowsAsync<BrokerException>(call)).Code;

    public async ValueTask DisposeAsync()
    {
        await Broker.DisposeAsync();
        await _memory.DisposeAsync();
        _meter.Dispose();
    }
}
