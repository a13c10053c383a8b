using EventBroker.Sdk.Transports;

namespace EventBroker.Tests.Transports;

internal abstract class SubscriptionDecorator(ITransportSubscription inner) : ITransportSubscription
{
    public ResumeOutcome Resume => inner.Resume;

    public bool TracksSettlement => inner.TracksSettlement;

    public virtual string? StartCursor => inner.StartCursor;

    public virtual int Read(Span<Delivery> destination, int maxBytes) => inner.Read(destination, maxBytes);

    public virtual void Demand(int count) => inner.Demand(count);

    public virtual ValueTask SettleAsync(Memory<TransportSettlement> settlements, CancellationToken cancellationToken) =>
        inner.SettleAsync(settlements, cancellationToken);

    public ValueTask RenewAsync(ReadOnlyMemory<Delivery> held, CancellationToken cancellationToken) => inner.RenewAsync(held, cancellationToken);

    public virtual ValueTask DisposeAsync() => inner.DisposeAsync();
}
