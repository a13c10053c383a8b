using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Tests;

/// <summary>Another transport, whose reads a test can hold up.</summary>
internal sealed class PausingTransport(ITransport inner) : ITransport
{
    public TransportCapabilities Capabilities { get; } = inner.Capabilities;

    /// <summary>Gets or sets what is called before a read.</summary>
    public Action BeforeRead { get; set; } = static () => { };

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
        new Pausing(this, await inner.SubscribeAsync(eventName, options, subscriber, cancellationToken));

    public ValueTask<TransportHealth> CheckHealthAsync(CancellationToken cancellationToken) => inner.CheckHealthAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private sealed class Pausing(PausingTransport owner, ITransportSubscription source) : ITransportSubscription
    {
        public ResumeOutcome Resume => source.Resume;

        public bool TracksSettlement => source.TracksSettlement;

        public int Read(Span<Delivery> destination, int maxBytes)
        {
            owner.BeforeRead();
            return source.Read(destination, maxBytes);
        }

        public void Demand(int count) => source.Demand(count);

        public ValueTask SettleAsync(Memory<TransportSettlement> settlements, CancellationToken cancellationToken) =>
            source.SettleAsync(settlements, cancellationToken);

        public ValueTask DisposeAsync() => source.DisposeAsync();
    }
}
