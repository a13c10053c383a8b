using System.Collections.Frozen;
using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Tests;

/// <summary>Another transport whose deliveries have to be renewed every ten seconds.</summary>
internal sealed class RenewingTransport(ITransport inner) : ITransport
{
    public TransportCapabilities Capabilities { get; } = new(inner.Capabilities.Guarantee, inner.Capabilities.Declared)
    {
        RenewalInterval = TimeSpan.FromSeconds(10),
        EventOptions = inner.Capabilities.EventOptions.ToFrozenSet(),
    };

    /// <summary>Gets the ids of what was renewed, a line for each call.</summary>
    public List<string> Renewed { get; } = [];

    /// <summary>Gets or sets what a renewal waits for.</summary>
    public Task Answer { get; set; } = Task.CompletedTask;

    public ValueTask RegisterAsync(string eventName, EventOptions options, CancellationToken cancellationToken) =>
        inner.RegisterAsync(eventName, options, cancellationToken);

    public ValueTask UnregisterAsync(string eventName, CancellationToken cancellationToken) =>
        inner.UnregisterAsync(eventName, cancellationToken);

    public ValueTask<IReadOnlyCollection<string>> ListAsync(CancellationToken cancellationToken) => inner.ListAsync(cancellationToken);

    public ValueTask<PublishReceipt> PublishAsync(string eventName, TransportMessage message, CancellationToken cancellationToken) =>
        inner.PublishAsync(eventName, message, cancellationToken);

    public ValueTask PublishAsync(string eventName, PublishBatch batch, CancellationToken cancellationToken) =>
        inner.PublishAsync(eventName, batch, cancellationToken);

    public async ValueTask<ITransportSubscription> SubscribeAsync(
        string eventName, SubscribeOptions options, ISubscriber subscriber, CancellationToken cancellationToken) =>
        new Renewing(this, await inner.SubscribeAsync(eventName, options, subscriber, cancellationToken));

    public ValueTask<TransportHealth> CheckHealthAsync(CancellationToken cancellationToken) => inner.CheckHealthAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private sealed class Renewing(RenewingTransport owner, ITransportSubscription source) : ITransportSubscription
    {
        public ResumeOutcome Resume => source.Resume;

        public bool TracksSettlement => source.TracksSettlement;

        public int Read(Span<Delivery> destination, int maxBytes) => source.Read(destination, maxBytes);

        public void Demand(int count) => source.Demand(count);

        public ValueTask SettleAsync(Memory<TransportSettlement> settlements, CancellationToken cancellationToken) =>
            source.SettleAsync(settlements, cancellationToken);

        public async ValueTask RenewAsync(ReadOnlyMemory<Delivery> held, CancellationToken cancellationToken)
        {
            owner.Renewed.Add(string.Join(", ", held.ToArray().Select(static d => d.Message.GetId()).Order(StringComparer.Ordinal)));
            await owner.Answer;
        }

        public ValueTask DisposeAsync() => source.DisposeAsync();
    }
}
