using EventBroker.Client.Bus;
using EventBroker.Client.Resilience;

namespace EventBroker.Client;

/// <summary>How the messages of an event are handled. Copied when the handler is subscribed.</summary>
public sealed class HandlerOptions
{
    /// <summary>Gets or sets what to ask the broker for: worker group, start position, ack timeout and so on. With
    /// <see cref="SubscribeOptions.AutoAck"/> nothing is settled here, so a message whose handler fails is gone.</summary>
    /// <remarks>With <see cref="ExtendWhileHandling"/>, <see cref="SubscribeOptions.MaxInFlight"/> is by default as many as wait in the buffer and
    /// are handled, since only those can be extended; with more than 1000 it is what the broker allows. Raise it for a distant broker, lower
    /// <see cref="SubscribeOptions.BufferSize"/> where a slow handler shall leave more to others of its group.</remarks>
    public SubscribeOptions Subscription { get; set; } = new();

    /// <summary>Gets or sets how many messages are handled at a time. Default 1: one after another, in the order in which they come; up to 10 000.
    /// Handlers that block instead of awaiting get a thread each, once that was noticed, so as to leave the thread pool to everybody else.
    /// A <see cref="SubscribeOptions.MaxInFlight"/> below it leaves some of them without work.</summary>
    public int Concurrency { get; set; } = 1;

    /// <summary>Gets or sets how long the handling of a message may take, retries and middleware included. Then
    /// <see cref="EventContext.CancellationToken"/> is cancelled, and when the handler throws on that, the message is given back. A
    /// handler that ignores the token keeps its place until it ends; its message is not extended any further, so it comes again elsewhere.
    /// Default null: as long as it takes. Above zero, a day at the most.</summary>
    public TimeSpan? HandlerTimeout { get; set; }

    /// <summary>Gets or sets how a handler that throws is tried again right here, before its message is given back; the message stays with this
    /// subscriber meanwhile. Default: not at all.</summary>
    public RetryOptions Retry { get; set; } = new() { MaxRetries = 0 };

    /// <summary>Gets or sets which exceptions are worth another attempt of <see cref="Retry"/>. Default null: all. Not asked once the context's token
    /// is cancelled: then there is no further attempt.</summary>
    public Predicate<Exception>? ShouldRetry { get; set; }

    /// <summary>Gets or sets how long a message that was given back waits until it comes again, by its
    /// <see cref="EventContext.RetryCount"/>. Default: 100 ms after the first delivery, doubling to 30 s, so that a message that nobody can
    /// handle does not come round and round. Null: none. More than 12 hours count as 12 hours. The Go event-server knows no delay and ignores
    /// it.</summary>
    public Func<int, TimeSpan>? NackDelay { get; set; } = Doubling(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(30));

    /// <summary>Gets or sets whether the broker is asked for more time while a handler runs, so that neither its message nor those that
    /// wait behind it come again meanwhile. Asked for once half of <see cref="SubscribeOptions.AckTimeout"/> is over, again and again until
    /// <see cref="MaxExtension"/>. Default true. The Go event-server can't do it, which is logged once.</summary>
    public bool ExtendWhileHandling { get; set; } = true;

    /// <summary>Gets or sets how long after its start a handler's message is no longer extended; the handler itself goes on. The same, after it came,
    /// for a message that waits. Default 10 minutes;
    /// 1 s to a day.</summary>
    public TimeSpan MaxExtension { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Gets or sets what becomes of a message that can't be decoded: its content type is another than the codec's, or its bytes
    /// are no such value. Default <see cref="UndecodableAction.Nack"/>. It is logged in any case and never ends the subscription.</summary>
    public UndecodableAction Undecodable { get; set; }

    /// <summary>Gets or sets after how many attempts, over all subscribers, a message that still can't be handled is published to
    /// <see cref="DeadLetterEvent"/> and acked, instead of being given back once more. Counted are the deliveries
    /// (<see cref="EventContext.RetryCount"/>), so <see cref="Retry"/> makes one attempt longer and not more of them. Default null: no limit, it
    /// comes again with <see cref="NackDelay"/>. 1 or more.</summary>
    public int? MaxAttempts { get; set; }

    /// <summary>Gets or sets the event for dead letters (<see cref="UndecodableAction.DeadLetter"/>, <see cref="MaxAttempts"/>), registered when
    /// it is missing. Default null: the event's name with <c>.dead-letter</c>, which must be a name with at most 200 characters.</summary>
    /// <remarks>A dead letter has the bytes and metadata of the message, and in the metadata also <c>dead-letter-reason</c>,
    /// <c>dead-letter-event</c>, <c>dead-letter-id</c> and, unless it is empty, <c>dead-letter-source</c>. Where the message leaves no room for
    /// them under the broker's limits, it has the reason alone, or nothing but the message under its own id; that is logged. If it can't be
    /// published at all, the message is given back with a delay that grows to 10 minutes, which is logged as an error once and
    /// counted.</remarks>
    public string? DeadLetterEvent { get; set; }

    /// <summary>Gets or sets how long stopping waits for handlers that run, before it cancels their tokens. Default 30 s; zero cancels at once;
    /// a day at the most. Those that ignore even that are left behind after another 5 s.</summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets what surrounds this handler, inside of the middleware of the bus, the first outermost. Default none.</summary>
    public IList<IEventMiddleware> Middleware { get; } = [];

    /// <summary>Makes a delay that doubles with each delivery of the same message, for <see cref="NackDelay"/>.</summary>
    /// <param name="first">The delay after the first delivery; zero or more.</param>
    /// <param name="longest">The longest delay; not below <paramref name="first"/>, 12 hours at the most.</param>
    /// <returns>The function: retry count to delay.</returns>
    public static Func<int, TimeSpan> Doubling(TimeSpan first, TimeSpan longest)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(first, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(longest, first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(longest, TimeSpan.FromHours(12));
        return retryCount => Backoff.Limit(first, longest, Math.Max(retryCount, 0) + 1);
    }

    /// <summary>Adds middleware around this handler, inside of what was added before.</summary>
    /// <param name="middleware">What to call with the context and what comes next.</param>
    /// <returns>These options.</returns>
    public HandlerOptions Use(Func<EventContext, Func<EventContext, Task>, Task> middleware)
    {
        Middleware.Add(new DelegateMiddleware(middleware));
        return this;
    }
}
