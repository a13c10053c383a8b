using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;

namespace EventBroker.Sdk.Transports;

/// <summary>One subscriber's place in an event.</summary>
/// <remarks>
/// <para>The broker reads whenever the subscriber has room. A read that returns fewer deliveries than asked for
/// <b>arms</b> the subscription: the transport calls <see cref="IReadySignal.Ready"/> once there is more and owes no call
/// before the next such read. It calls in any case when the subscription has ended.</para>
/// <para>Each delivery is settled once, by <see cref="Complete"/> or <see cref="Release"/>; the broker may
/// do so in any order, and repeats the same call only after a <see cref="FlushAsync"/> that failed. A call that comes twice,
/// or after the subscription has ended, does no harm and does not throw. <see cref="Read"/> is called by one thread
/// at a time; the other members may be called from any thread, also during a read.</para>
/// <para>Disposing gives back what is neither completed nor released: to the other members of a worker group, with
/// a retry count one higher, or to the consumer id's next subscription. What was fetched ahead and never read is given back
/// too, with a retry count as before where the backend can say so. Only a transport that claims
/// <see cref="DeliveryGuarantee.AtMostOnce"/> may lose what it gives back, and only when no other member is there to take it.</para>
/// <para>A backend that goes on delivering what is unsettled for long (Redis, JetStream) is kept from it by the transport for as
/// long as the subscription holds the delivery: the deadline is the broker's.</para>
/// </remarks>
public interface ITransportSubscription : IAsyncDisposable
{
    /// <summary>Gets what became of the wish to resume; <see cref="ResumeOutcome.NotAsked"/> without a cursor or
    /// consumer id.</summary>
    ResumeOutcome Resume { get; }

    /// <summary>Gets whether the transport wants to know of completions. Where it doesn't (a broadcast
    /// subscription without a consumer id) the broker leaves out <see cref="Complete"/> and
    /// <see cref="FlushAsync"/>.</summary>
    bool TracksCompletion { get; }

    /// <summary>Hands over what is there, without waiting. While the backend is out of reach and the transport is trying to
    /// get back, that is nothing; it throws once it has given up or can't keep the subscriber's place.</summary>
    /// <param name="destination">Where to; empty when the subscriber has no room and the broker only wants to know whether the
    /// subscription has ended, which reads nothing and arms nothing.</param>
    /// <param name="maxBytes">Stop once this many bytes of messages are handed over; a first message is handed
    /// over whatever its size.</param>
    /// <returns>How many deliveries were written, 0 if there is nothing now.</returns>
    /// <exception cref="BrokerException">The subscription has ended: <see cref="BrokerErrorCode.Aborted"/> (the
    /// event was unregistered, the consumer id was taken over), <see cref="BrokerErrorCode.Unavailable"/> (the backend is gone, the transport is closed).
    /// Every further read throws the same.</exception>
    int Read(Span<Delivery> destination, int maxBytes);

    /// <summary>Says that the subscriber is done with a delivery. May be buffered until <see cref="FlushAsync"/>.</summary>
    /// <param name="delivery">The delivery, as it was read.</param>
    void Complete(in Delivery delivery);

    /// <summary>Gives a delivery back, to be delivered again with a retry count one higher: to any free member of
    /// the worker group, this one included. Called only on subscriptions of a worker group, and only where
    /// <see cref="TransportCapability.Redelivery"/> is native; otherwise the broker redelivers by itself. May be buffered until
    /// <see cref="FlushAsync"/>, but not kept from the other members for longer than <paramref name="delay"/> for want of one.</summary>
    /// <param name="delivery">The delivery, as it was read.</param>
    /// <param name="delay">How long it should wait; zero where <see cref="TransportCapability.RedeliveryDelay"/> is
    /// not native, since the broker then waits before it releases.</param>
    void Release(in Delivery delivery, TimeSpan delay);

    /// <summary>Ends when the backend has taken all completions and releases made before. Called once after a
    /// batch of settlements, before the client is told of their success.</summary>
    /// <remarks>A backend that remembers a single place (Kafka) takes a completion only once everything before it is completed;
    /// the task then ends when the place is stored as far as that goes, and what lies behind a gap may be
    /// delivered again after a crash.</remarks>
    /// <param name="cancellationToken">Ends the wait; whether the backend takes them is then unknown.</param>
    /// <returns>A task, completed already where nothing has to be waited for.</returns>
    /// <exception cref="BrokerException"><see cref="BrokerErrorCode.Unavailable"/>, <see cref="BrokerErrorCode.DeadlineExceeded"/>:
    /// it is not known whether the backend has taken them. The transport may go on trying; the broker may repeat the calls.</exception>
    ValueTask FlushAsync(CancellationToken cancellationToken);

    /// <summary>Writes the cursor from which a later subscription goes on behind this delivery. The text is opaque to
    /// everybody else. Called for deliveries in the order in which they were read, at most once each: a cursor stands for everything
    /// read up to its delivery (over several partitions it names a place in each), so a redelivery made by the broker carries none.</summary>
    /// <param name="delivery">The delivery, as it was read.</param>
    /// <param name="destination">At least <see cref="SubscribeOptions.MaxCursorLength"/> bytes.</param>
    /// <returns>How many ASCII characters were written; 0 where <see cref="TransportCapability.ReplayFromCursor"/>
    /// is unsupported, in mode worker pool, and for a delivery behind which nothing can resume.</returns>
    int FormatCursor(in Delivery delivery, Span<byte> destination);

    /// <summary>Writes the cursor behind which the subscription's first delivery lies, so that a subscriber that is cut off before it
    /// got anything can go on where it began. Asked at most once, right after the subscription was opened and before the first
    /// <see cref="Read"/>.</summary>
    /// <param name="destination">At least <see cref="SubscribeOptions.MaxCursorLength"/> bytes.</param>
    /// <returns>How many printable ASCII characters were written; 0 where <see cref="TransportCapability.ReplayFromCursor"/> is unsupported,
    /// in mode worker pool, and where the backend has no name for such a place. By default 0.</returns>
    int FormatStartCursor(Span<byte> destination) => 0;
}
