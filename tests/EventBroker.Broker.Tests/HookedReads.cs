using System.Diagnostics.Metrics;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Memory;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventBroker.Broker.Tests;

/// <summary>The memory transport, with something that happens between a read and the broker's looking at what was read.</summary>
internal sealed class HookedReads(TimeProvider clock) : ITransport
{
    private readonly Meter _meter = new("hooked");
    private ITransport? _inner;

    public TransportCapabilities Capabilities => Inner.Capabilities;

    /// <summary>Gets or sets what happens once messages were read.</summary>
    public Action? AfterRead { get; set; }

    /// <summary>Gets how often it was asked how it is.</summary>
    public int HealthChecks { get; private set; }

    private ITransport Inner => _inner ??= new MemoryTransport("local", new MemorySettings(), clock, _meter, NullLogger.Instance);

    public ValueTask RegisterAsync(string eventName, EventOptions options, CancellationToken cancellationToken) =>
        Inner.RegisterAsync(eventName, options, cancellationToken);

    public ValueTask UnregisterAsync(string eventName, CancellationToken cancellationToken) =>
        Inner.UnregisterAsync(eventName, cancellationToken);

    public ValueTask<IReadOnlyCollection<string>> ListAsync(CancellationToken cancellationToken) => Inner.ListAsync(cancellationToken);

    public ValueTask<PublishReceipt> PublishAsync(string eventName, TransportMessage message, CancellationToken cancellationToken) =>
        Inner.PublishAsync(eventName, message, cancellationToken);

    public ValueTask PublishAsync(string eventName, PublishBatch batch, CancellationToken cancellationToken) =>
        Inner.PublishAsync(eventName, batch, cancellationToken);

    public async ValueTask<ITransportSubscription> SubscribeAsync(
        string eventName, SubscribeOptions options, ISubscriber subscriber, CancellationToken cancellationToken) =>
        new Hooked(this, await Inner.SubscribeAsync(eventName, options, subscriber, cancellationToken));

    public ValueTask<TransportHealth> CheckHealthAsync(CancellationToken cancellationToken)
    {
        HealthChecks++;
        return Inner.CheckHealthAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await Inner.DisposeAsync();
        _meter.Dispose();
    }

    private sealed class Hooked(HookedReads owner, ITransportSubscription source) : ITransportSubscription
    {
        public ResumeOutcome Resume => source.Resume;

        public bool TracksSettlement => source.TracksSettlement;

        public int Read(Span<Delivery> destination, int maxBytes)
        {
            var count = source.Read(destination, maxBytes);
            if (count > 0)
            {
                owner.AfterRead?.Invoke();
            }

            return count;
        }

        public void Demand(int count) => source.Demand(count);

        public ValueTask SettleAsync(Memory<TransportSettlement> settlements, CancellationToken cancellationToken) =>
            source.SettleAsync(settlements, cancellationToken);

        public ValueTask DisposeAsync() => source.DisposeAsync();
    }
}
