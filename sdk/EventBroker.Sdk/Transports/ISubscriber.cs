namespace EventBroker.Sdk.Transports;

/// <summary>The broker's side of a subscription: what its transport tells it.</summary>
public interface ISubscriber
{
    /// <summary>Says that <see cref="ITransportSubscription.Read"/> may have something, or that the subscription
    /// has ended. Cheap, never blocks, never runs subscriber code on the calling thread; may be called too often
    /// and from any thread.</summary>
    void Ready();

    /// <summary>Says that the backend has taken deliveries away from this subscription: a partition was revoked, an entry
    /// was claimed by another host, the consumer was deleted or moved. Whoever holds them now delivers them; their ack ids answer
    /// EXPIRED, and nothing of them is delivered again or settled here.</summary>
    /// <param name="isLost">Tells of one held delivery whether it is lost. Called before this method returns, under the
    /// subscription's lock: it takes no lock that is held while this interface or the broker is called.</param>
    void LeasesLost(Predicate<Delivery> isLost);
}
