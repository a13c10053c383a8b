using EventBroker.Sdk.Errors;

namespace EventBroker.Sdk.Transports;

/// <summary>One subscriber's place in an event.</summary>
/// <remarks>
/// <para>The broker reads whenever the subscriber has room, and says by <see cref="Demand"/> that it waits for more. The transport
/// then calls <see cref="ISubscriber.Ready"/> once there is something, and owes no call before the next demand. It
/// calls in any case when the subscription has ended.</para>
/// <para>A delivery that was read is <b>held</b> until it is settled (<see cref="SettleAsync"/>), lost
/// (<see cref="ISubscriber.LeasesLost"/>) or the subscription is disposed; where <see cref="TracksSettlement"/> is false nothing
/// is held. The broker owns the set of what is held: it keeps in-flight limits, deadlines and counts, and hands held deliveries back in
/// <see cref="SettleAsync"/> and <see cref="RenewAsync"/>, so a transport needs no second table of them.</para>
/// <para><see cref="Read"/> and <see cref="Demand"/> are called by one thread at a time; the other members may be called from any thread,
/// also at the same time and during a read.</para>
/// <para>The broker releases what it holds before it disposes. What could not be released, disposing gives back: to the
/// other members of a worker group, or to the consumer id's next subscription, with a retry count one higher; at once where
/// the backend can, otherwise when its own time is up. What was fetched ahead and never read is given back
/// too, with a retry count as before where the backend can say so. Only a transport that claims
/// <see cref="DeliveryGuarantee.AtMostOnce"/> may lose what it gives back, and only when no other member is there to take it.</para>
/// </remarks>
public interface ITransportSubscription : IAsyncDisposable
{
    /// <summary>Gets where the subscription begins, measured by what was asked for; <see cref="ResumeOutcome.NotAsked"/> where nothing was.</summary>
    ResumeOutcome Resume { get; }

    /// <summary>Gets whether the transport wants to know what becomes of deliveries: in a worker group and under a consumer id. Where it
    /// doesn't, nothing is held, and <see cref="SettleAsync"/> is never called.</summary>
    bool TracksSettlement { get; }

    /// <summary>Gets the cursor behind which the subscription's first delivery lies, so that a subscriber that is cut off before it
    /// got anything can go on where it began. Null where <see cref="TransportCapability.ReplayFromCursor"/> is not declared, in mode worker
    /// pool, and where the backend has no name for such a place. By default null.</summary>
    string? StartCursor => null;

    /// <summary>Gets how many messages lie between the place that the backend remembers and the last one read, for backends that
    /// remember a single place: a message that stays unsettled keeps the place from moving. At
    /// <see cref="TransportCapabilities.MaxUnsettledSpan"/> the broker reads no more until it shrinks. By default 0.</summary>
    int UnsettledSpan => 0;

    /// <summary>Hands over what is there, without waiting, and ends the last <see cref="Demand"/>. While the backend is out of reach and the
    /// transport is trying to get back, there is nothing; it throws once it has given up or can't keep the subscriber's place.</summary>
    /// <param name="destination">Where to; empty when the subscriber has no room: then nothing is read, what was fetched ahead goes
    /// back to the group uncounted, and the broker learns whether the subscription has ended.</param>
    /// <param name="maxBytes">Stop once this many bytes of messages are handed over; a first message is handed
    /// over whatever its size.</param>
    /// <returns>How many deliveries were written, 0 if there is nothing now.</returns>
    /// <exception cref="BrokerException">The subscription has ended: <see cref="BrokerErrorCode.Aborted"/> (the
    /// event was unregistered, the consumer id was taken over), <see cref="BrokerErrorCode.Unavailable"/> (the backend is gone, the transport is closed).
    /// Every further read throws the same.</exception>
    int Read(Span<Delivery> destination, int maxBytes);

    /// <summary>Says that the subscriber waits for more: <see cref="ISubscriber.Ready"/> is called once, as soon as there is something to read
    /// (also if there is already). For a member of a worker group it bounds what may be fetched ahead and kept from
    /// the others until the next read; a member that demands nothing gets nothing. Does not throw: the end of a subscription is told by a read.</summary>
    /// <param name="count">How many at the most, from 1.</param>
    void Demand(int count);

    /// <summary>Tells the backend what becomes of deliveries, and waits for its answer. The calls of several callers may overlap.</summary>
    /// <remarks>Each entry is decided by itself, and its <see cref="TransportSettlement.Outcome"/> is set before the task ends; an
    /// exception decides those that are still pending as failed. A delivery that is not held any more is answered with
    /// <see cref="SettlementOutcome.LeaseLost"/> and does no harm, also after the subscription has ended: a message may be read again by the same
    /// subscription while an answer about its earlier delivery is still on its way, so a delivery is told from an earlier one of the same message by
    /// its <see cref="Delivery.Handle"/> and <see cref="Delivery.RetryCount"/>. Releases are made only where
    /// <see cref="TransportCapability.Redelivery"/> is declared; otherwise the broker delivers again by itself.</remarks>
    /// <param name="settlements">The deliveries and what becomes of them. The memory is the broker's again when the task has ended.</param>
    /// <param name="cancellationToken">Ends the wait; what is pending then has failed.</param>
    /// <returns>A task, completed already where nothing has to be waited for.</returns>
    ValueTask SettleAsync(Memory<TransportSettlement> settlements, CancellationToken cancellationToken);

    /// <summary>Keeps held deliveries from being delivered elsewhere by a backend that would do so by itself (Redis, JetStream). Called
    /// every <see cref="TransportCapabilities.RenewalInterval"/>, never twice at a time for one subscription. What turns out to be
    /// lost is told by <see cref="ISubscriber.LeasesLost"/>. By default nothing.</summary>
    /// <param name="held">Everything that the broker holds for this subscription.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that ends when the backend has answered.</returns>
    ValueTask RenewAsync(ReadOnlyMemory<Delivery> held, CancellationToken cancellationToken) => default;
}
