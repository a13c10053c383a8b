using EventBroker.Broker.Subscribing;
using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Delivering;

/// <summary>Decides what becomes of a delivery that its subscriber did not complete: who delivers it again, and when. The one place for it, and
/// the place where a limit of attempts with a dead letter, or an ordering key that parks what stands behind, belongs.</summary>
/// <remarks>Made once for a subscription, when the transport has opened it; immutable.</remarks>
internal sealed class RedeliveryPolicy
{
    private readonly bool _transportRedelivers;
    private readonly bool _transportDelays;
    private readonly TimeSpan _nackDelay;
    private readonly TimeSpan _maxNackDelay;

    public RedeliveryPolicy(SubscriptionSetup setup, bool tracksSettlement, BrokerOptions options)
    {
        var declared = setup.Route.Declared;
        KeepsNewestOnly = setup.Options is { LatestOnly: true, Mode: DeliveryMode.Broadcast };

        // What is dropped as soon as there is a newer one has to be where the newer one is seen.
        _transportRedelivers = tracksSettlement && declared.Has(TransportCapability.Redelivery) && !KeepsNewestOnly;
        _transportDelays = _transportRedelivers && declared.Has(TransportCapability.RedeliveryDelay);
        ReleasesOnClose = tracksSettlement && declared.Has(TransportCapability.Redelivery);
        DelaysOutliveSubscription = ReleasesOnClose && declared.Has(TransportCapability.RedeliveryDelay);
        _nackDelay = options.NackDelay;
        _maxNackDelay = options.MaxNackDelay;
    }

    /// <summary>Whether a message that was not settled is done with as soon as there is a newer one.</summary>
    public bool KeepsNewestOnly { get; }

    /// <summary>Whether what has waited here goes to the transport then, for any member of the group.</summary>
    public bool WaitingGoesToTransport => _transportRedelivers;

    /// <summary>Whether the transport takes back what is left when the subscription ends.</summary>
    public bool ReleasesOnClose { get; }

    /// <summary>Whether it then keeps what is left of a delay.</summary>
    public bool DelaysOutliveSubscription { get; }

    /// <summary>Decides.</summary>
    /// <param name="reason">Why it comes back.</param>
    /// <param name="attempts">How often it was handed over so far.</param>
    /// <param name="asked">The delay that the subscriber asked for; null for none.</param>
    /// <param name="isOutdated">Whether a newer message was taken since.</param>
    public Redelivery Decide(SettlementReason reason, int attempts, TimeSpan? asked, bool isOutdated)
    {
        if (KeepsNewestOnly && isOutdated)
        {
            return new Redelivery(RedeliveryKind.Drop, default);
        }

        var delay = asked ?? (reason == SettlementReason.Nacked ? Backoff(attempts) : TimeSpan.Zero);
        return _transportRedelivers && (_transportDelays || delay == TimeSpan.Zero)
            ? new Redelivery(RedeliveryKind.ToTransport, delay)
            : new Redelivery(RedeliveryKind.Wait, delay);
    }

    // Without it, a message that always fails would be a loop as fast as the network.
    private TimeSpan Backoff(int attempts)
    {
        var delay = _nackDelay * Math.Pow(2, Math.Clamp(attempts - 1, 0, 30));
        return delay < _maxNackDelay ? delay : _maxNackDelay;
    }
}
