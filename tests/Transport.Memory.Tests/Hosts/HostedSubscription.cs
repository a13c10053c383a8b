using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Memory.Tests.Hosts;

/// <summary>A subscription of a <see cref="HostOverMemory"/>, which ends with its host.</summary>
internal sealed class HostedSubscription(ITransportSubscription inner, ISubscriber subscriber, Action<HostedSubscription> left) : ITransportSubscription
{
    private volatile bool _isOver;

    public ResumeOutcome Resume => inner.Resume;

    public bool TracksSettlement => inner.TracksSettlement;

    public string? StartCursor => inner.StartCursor;

    public int Read(Span<Delivery> destination, int maxBytes) =>
        _isOver ? throw BrokerErrors.TransportClosed() : inner.Read(destination, maxBytes);

    public void Demand(int count) => inner.Demand(count);

    public ValueTask SettleAsync(Memory<TransportSettlement> settlements, CancellationToken cancellationToken) =>
        inner.SettleAsync(settlements, cancellationToken);

    public ValueTask RenewAsync(ReadOnlyMemory<Delivery> held, CancellationToken cancellationToken) => inner.RenewAsync(held, cancellationToken);

    public ValueTask DisposeAsync()
    {
        left(this);
        return inner.DisposeAsync();
    }

    public async ValueTask EndAsync()
    {
        _isOver = true;
        await inner.DisposeAsync();
        subscriber.Ready();
    }
}
