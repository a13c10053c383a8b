using EventBroker.Sdk.Transports;

namespace EventBroker.Tests.Transports;

// A transport that does what another does, but for what a test changes.
internal abstract class TransportDecorator(ITransport inner) : ITransport
{
    public virtual TransportCapabilities Capabilities => inner.Capabilities;

    public ValueTask RegisterAsync(string eventName, EventOptions options, CancellationToken cancellationToken) =>
        inner.RegisterAsync(eventName, options, cancellationToken);

    public ValueTask UnregisterAsync(string eventName, CancellationToken cancellationToken) => inner.UnregisterAsync(eventName, cancellationToken);

    public ValueTask<IReadOnlyCollection<string>> ListAsync(CancellationToken cancellationToken) => inner.ListAsync(cancellationToken);

    public ValueTask<EventDescription> DescribeAsync(string eventName, CancellationToken cancellationToken) =>
        inner.DescribeAsync(eventName, cancellationToken);

    public ValueTask SeekAsync(string eventName, SeekRequest request, CancellationToken cancellationToken) =>
        inner.SeekAsync(eventName, request, cancellationToken);

    public virtual ValueTask<PublishReceipt> PublishAsync(string eventName, TransportMessage message, CancellationToken cancellationToken) =>
        inner.PublishAsync(eventName, message, cancellationToken);

    public virtual ValueTask PublishAsync(string eventName, PublishBatch batch, CancellationToken cancellationToken) =>
        inner.PublishAsync(eventName, batch, cancellationToken);

    public async ValueTask<ITransportSubscription> SubscribeAsync(
        string eventName, SubscribeOptions options, ISubscriber subscriber, CancellationToken cancellationToken) =>
        Decorate(await inner.SubscribeAsync(eventName, Change(options), subscriber, cancellationToken));

    public virtual ValueTask<TransportHealth> CheckHealthAsync(CancellationToken cancellationToken) => inner.CheckHealthAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    protected virtual SubscribeOptions Change(SubscribeOptions options) => options;

    protected abstract ITransportSubscription Decorate(ITransportSubscription subscription);
}
