using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Tests.RandomSettlement;

/// <summary>Another transport whose settlements fail, wait and lose their leases when a test says so.</summary>
internal sealed class UnreliableTransport(ITransport inner) : ITransport
{
    private readonly List<UnreliableSubscription> _open = [];

    public TransportCapabilities Capabilities => inner.Capabilities;

    /// <summary>Gets or sets which settlements are refused; null for none.</summary>
    public Func<bool>? Refuses { get; set; }

    /// <summary>Gets or sets what answers wait for; null for nothing.</summary>
    public TaskCompletionSource? Held { get; set; }

    public ValueTask RegisterAsync(string eventName, EventOptions options, CancellationToken cancellationToken) =>
        inner.RegisterAsync(eventName, options, cancellationToken);

    public ValueTask UnregisterAsync(string eventName, CancellationToken cancellationToken) =>
        inner.UnregisterAsync(eventName, cancellationToken);

    public ValueTask<IReadOnlyCollection<string>> ListAsync(CancellationToken cancellationToken) => inner.ListAsync(cancellationToken);

    public ValueTask<EventDescription> DescribeAsync(string eventName, CancellationToken cancellationToken) =>
        inner.DescribeAsync(eventName, cancellationToken);

    public ValueTask<PublishReceipt> PublishAsync(string eventName, TransportMessage message, CancellationToken cancellationToken) =>
        inner.PublishAsync(eventName, message, cancellationToken);

    public ValueTask PublishAsync(string eventName, PublishBatch batch, CancellationToken cancellationToken) =>
        inner.PublishAsync(eventName, batch, cancellationToken);

    public async ValueTask<ITransportSubscription> SubscribeAsync(
        string eventName, SubscribeOptions options, ISubscriber subscriber, CancellationToken cancellationToken)
    {
        var source = await inner.SubscribeAsync(eventName, options, subscriber, cancellationToken);
        var subscription = new UnreliableSubscription(this, source, subscriber);
        _open.Add(subscription);
        return subscription;
    }

    public ValueTask<TransportHealth> CheckHealthAsync(CancellationToken cancellationToken) => inner.CheckHealthAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    /// <summary>Gives a message to somebody else behind the back of whoever holds it.</summary>
    public async Task LoseLeaseAsync(string messageId, int attempts)
    {
        foreach (var subscription in _open)
        {
            if (subscription.Read.Remove(messageId, out var delivery))
            {
                await subscription.LoseAsync(delivery, attempts);
            }
        }
    }

    private sealed class UnreliableSubscription(UnreliableTransport owner, ITransportSubscription source, ISubscriber subscriber)
        : ITransportSubscription
    {
        public Dictionary<string, Delivery> Read { get; } = [];

        public ResumeOutcome Resume => source.Resume;

        public bool TracksSettlement => source.TracksSettlement;

        public string? StartCursor => source.StartCursor;

        public int UnsettledSpan => source.UnsettledSpan;

        int ITransportSubscription.Read(Span<Delivery> destination, int maxBytes)
        {
            var count = source.Read(destination, maxBytes);
            foreach (ref readonly var delivery in destination[..count])
            {
                Read[delivery.Message.GetId()] = delivery;
            }

            return count;
        }

        public void Demand(int count) => source.Demand(count);

        public async ValueTask SettleAsync(Memory<TransportSettlement> settlements, CancellationToken cancellationToken)
        {
            if (owner.Held is { } held)
            {
                await held.Task;
            }

            for (var i = 0; i < settlements.Length; i++)
            {
                if (owner.Refuses?.Invoke() is true)
                {
                    settlements.Span[i].Outcome = SettlementOutcome.Failed;
                    settlements.Span[i].Failure = new BrokerException(BrokerErrorCode.Unavailable, "the backend is out of reach");
                    continue;
                }

                await source.SettleAsync(settlements.Slice(i, 1), cancellationToken);
            }
        }

        public async Task LoseAsync(Delivery delivery, int attempts)
        {
            TransportSettlement[] release =
            [
                new()
                {
                    Delivery = delivery,
                    Action = SettlementAction.Release,
                    Reason = SettlementReason.Disconnected,
                    Attempts = attempts,
                },
            ];
            await source.SettleAsync(release, CancellationToken.None);
            if (release[0].Outcome == SettlementOutcome.Done)
            {
                subscriber.LeasesLost(d => d.Position == delivery.Position);
            }
        }

        public ValueTask DisposeAsync()
        {
            owner._open.Remove(this);
            return source.DisposeAsync();
        }
    }
}
