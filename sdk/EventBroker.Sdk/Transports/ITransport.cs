using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;

namespace EventBroker.Sdk.Transports;

/// <summary>What carries events: a log in memory or on disk, Redis, NATS, Kafka, another broker.</summary>
/// <remarks>
/// <para>A transport appends messages, hands them out from a position or to the members of a worker group, and
/// takes back what became of each. Everything that clients see of settlement (in-flight windows, ack ids, ack
/// deadlines, limits) is the broker's; everything that callers may do is the authorizers'.</para>
/// <para>All members are safe for concurrent use. An expected failure is a <see cref="BrokerException"/>;
/// <see cref="BrokerErrorCode.Unavailable"/> means that the backend is out of reach and the same call may
/// succeed later. Disposing ends every subscription with <see cref="BrokerErrorCode.Unavailable"/>,
/// also one that opens meanwhile, and so is answered every call that comes later; disposing a second time does nothing.</para>
/// </remarks>
public interface ITransport : IAsyncDisposable
{
    /// <summary>Gets what this transport can do; constant for its lifetime, so it comes from the settings and from what
    /// was learned of the backend while the transport was made. A backend that later takes less (a smaller message
    /// limit after a reconnect) refuses call by call.</summary>
    TransportCapabilities Capabilities { get; }

    /// <summary>Creates what the backend needs for an event.</summary>
    /// <param name="eventName">The name, already checked against <see cref="EventName"/>.</param>
    /// <param name="options">How it is kept; the broker has refused what <see cref="TransportCapabilities.EventOptions"/> does not name.</param>
    /// <param name="cancellationToken">Ends the wait; the event may exist afterwards all the same.</param>
    /// <returns>A task that ends when the event can be published to.</returns>
    /// <exception cref="BrokerException"><see cref="BrokerErrorCode.AlreadyExists"/>: it exists;
    /// <see cref="BrokerErrorCode.ResourceExhausted"/>: the transport takes no more events;
    /// <see cref="BrokerErrorCode.FailedPrecondition"/>: events of this backend are not made here (fixed in its settings, or
    /// provisioned by an operator), an option can't be had, or its own naming rules forbid this one beside another; the message says which and what to do.</exception>
    ValueTask RegisterAsync(string eventName, EventOptions options, CancellationToken cancellationToken);

    /// <summary>Removes an event with its messages, groups and cursors, and ends its subscriptions with
    /// <see cref="BrokerErrorCode.Aborted"/>: those of this process before the task ends, those of other processes
    /// over the same backend at the latest when they next read from it.</summary>
    /// <param name="eventName">The name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that ends when the event is gone.</returns>
    /// <exception cref="BrokerException"><see cref="BrokerErrorCode.NotFound"/>: there is no such event.</exception>
    ValueTask UnregisterAsync(string eventName, CancellationToken cancellationToken);

    /// <summary>Lists the events that the backend really holds, whoever created them, in any order. Not called where
    /// <see cref="TransportCapability.EventListing"/> is unsupported: the broker then refuses a list, naming the transport,
    /// rather than showing a part.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The names.</returns>
    ValueTask<IReadOnlyCollection<string>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Describes an event. Not called where <see cref="TransportCapability.EventDescription"/> is not declared. By default refused.</summary>
    /// <param name="eventName">The event.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The description.</returns>
    /// <exception cref="BrokerException"><see cref="BrokerErrorCode.NotFound"/>: there is no such event.</exception>
    ValueTask<EventDescription> DescribeAsync(string eventName, CancellationToken cancellationToken) =>
        throw BrokerErrors.OptionNotSupported(GetType().Name, "describing an event", "it can't look into its backend");

    /// <summary>Moves the place of a worker group or consumer id; one that does not exist is made there. What it held unsettled or had waiting for
    /// redelivery is its no more: open subscriptions are told by <see cref="ISubscriber.LeasesLost"/> and go on from the new place. Not called
    /// where <see cref="TransportCapability.Seek"/> is not declared. By default refused.</summary>
    /// <param name="eventName">The event.</param>
    /// <param name="request">Whose place, and where to.</param>
    /// <param name="cancellationToken">Ends the wait; the place may be moved all the same.</param>
    /// <returns>A task that ends when the place is moved.</returns>
    /// <exception cref="BrokerException"><see cref="BrokerErrorCode.NotFound"/>: there is no such event;
    /// <see cref="BrokerErrorCode.InvalidArgument"/>: a cursor that this transport did not make;
    /// <see cref="BrokerErrorCode.FailedPrecondition"/>: the messages behind the cursor are lost.</exception>
    ValueTask SeekAsync(string eventName, SeekRequest request, CancellationToken cancellationToken) =>
        throw BrokerErrors.OptionNotSupported(GetType().Name, "seek", "it can't move a place");

    /// <summary>Appends a message. The task ends when the message is as safe as <see cref="TransportCapabilities.Guarantee"/>
    /// claims; the transport must not keep the message's memory after that unless it never writes to it
    /// (it may: the bytes are immutable). A message that is dropped as a duplicate (<see cref="TransportCapability.Deduplication"/>)
    /// counts as published, and its receipt says so. An ordering key or due time that the transport can't honour is refused.</summary>
    /// <param name="eventName">The event.</param>
    /// <param name="message">The message, with id and timestamp.</param>
    /// <param name="cancellationToken">Ends the wait; the message may be published all the same.</param>
    /// <returns>Where it stands; completed already where nothing has to be waited for.</returns>
    /// <exception cref="BrokerException"><see cref="BrokerErrorCode.NotFound"/>: there is no such event;
    /// <see cref="BrokerErrorCode.Unavailable"/>, <see cref="BrokerErrorCode.DeadlineExceeded"/>: it is not known
    /// to be published; <see cref="BrokerErrorCode.ResourceExhausted"/>: it is too large for the backend
    /// (then with <see cref="BrokerException.IsFinal"/>) or there is no room; <see cref="BrokerErrorCode.FailedPrecondition"/>: nobody is subscribed and the transport keeps nothing, or the message
    /// has an ordering key or due time that it can't honour.</exception>
    ValueTask<PublishReceipt> PublishAsync(string eventName, TransportMessage message, CancellationToken cancellationToken);

    /// <summary>Appends several messages of one event, in their order, for one round trip to the backend. Each
    /// fails or succeeds on its own; the task ends when all are decided. What concerns the whole call (no such
    /// event) is thrown, and then none of them is known to be published; what concerns one message is noted by
    /// <see cref="PublishBatch.Fail"/>, what became of the others by <see cref="PublishBatch.Accept"/>. A later message may be published although an earlier one failed.</summary>
    /// <param name="eventName">The event.</param>
    /// <param name="batch">The messages.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task, completed already where nothing has to be waited for.</returns>
    ValueTask PublishAsync(string eventName, PublishBatch batch, CancellationToken cancellationToken);

    /// <summary>Opens a subscription. The broker has refused what <see cref="Capabilities"/> rules out; the
    /// transport refuses what it can't honour beyond that, and ignores nothing.</summary>
    /// <param name="eventName">The event.</param>
    /// <param name="options">What the subscriber asked for.</param>
    /// <param name="subscriber">Told when there may be something to read, and what is lost.</param>
    /// <param name="cancellationToken">Ends the wait for the subscription to open, not the subscription.</param>
    /// <returns>The open subscription: a message published from now on reaches it.</returns>
    /// <exception cref="BrokerException"><see cref="BrokerErrorCode.NotFound"/>: there is no such event;
    /// <see cref="BrokerErrorCode.FailedPrecondition"/>: an option can't be honoured or is not that of the group, named in the message;
    /// <see cref="BrokerErrorCode.ResourceExhausted"/>: there is no room for one more group or consumer id;
    /// <see cref="BrokerErrorCode.InvalidArgument"/>: a cursor that this transport did not make.</exception>
    ValueTask<ITransportSubscription> SubscribeAsync(
        string eventName, SubscribeOptions options, ISubscriber subscriber, CancellationToken cancellationToken);

    /// <summary>Asks the backend how it is. Called by health checks, a few times a minute.</summary>
    /// <param name="cancellationToken">Ends the wait; the broker gives a health check a few seconds.</param>
    /// <returns>The state; unhealthy, and no exception, once the transport is closed.</returns>
    ValueTask<TransportHealth> CheckHealthAsync(CancellationToken cancellationToken);
}
