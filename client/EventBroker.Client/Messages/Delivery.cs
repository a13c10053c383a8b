using System.Diagnostics;
using EventBroker.Client.Bus;
using EventBroker.Client.Diagnostics;
using EventBroker.Client.Settling;
using EventBroker.Client.Subscribing;

namespace EventBroker.Client;

/// <summary>A message that came over a subscription. It is to be settled once, by <see cref="AckAsync"/> or <see cref="NackAsync"/>, from any
/// thread; what is not settled within <see cref="SubscribeOptions.AckTimeout"/> comes again as another delivery.</summary>
public class Delivery
{
    private readonly IncomingMessage _message;
    private readonly Subscriber _subscriber;
    private SettlementRequest? _settlement;
    private Handling? _handling;
    private long _leaseEnd;
    private volatile bool _isLost;
    private volatile bool _isLeftToExpire;

    internal Delivery(Subscriber subscriber, IncomingMessage message, int generation, long sentAt)
    {
        _subscriber = subscriber;
        _message = message;
        Generation = generation;
        HeldSince = sentAt;
        RetryCount = message.RetryCount;
        LeaseFor(sentAt, subscriber.Options.AckTimeout);
    }

    internal static Delivery Create(Subscriber subscriber, IncomingMessage message, int generation, long sentAt) =>
        new(subscriber, message, generation, sentAt);

    /// <summary>Gets the event.</summary>
    public string EventName => _subscriber.EventName;

    /// <summary>Gets the message's id.</summary>
    public string Id => _message.Id;

    /// <summary>Gets who published it, as the publisher says.</summary>
    public string Source => _message.Source;

    /// <summary>Gets the payload. Never written to again, so it may be kept.</summary>
    public ReadOnlyMemory<byte> Payload => _message.Payload;

    /// <summary>Gets the metadata.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _message.Metadata;

    /// <summary>Gets when the broker accepted the message, to 100 ns; the Unix epoch if the server did not say.</summary>
    public DateTimeOffset Timestamp =>
        DateTimeOffset.FromUnixTimeSeconds(_message.Seconds).AddTicks(_message.Nanoseconds / 100);

    /// <summary>Gets how often the message was delivered before, to this subscriber or its group; 0 for the first time.</summary>
    public int RetryCount { get; internal set; }

    /// <summary>Gets how many messages this subscription missed right before this one, because retention removed them first.</summary>
    public long Missed => _message.Missed;

    /// <summary>Gets the cursor that <see cref="SubscribeOptions.ResumeAfter"/> takes; empty for a redelivery and where the broker can't
    /// replay.</summary>
    public string Cursor => _message.Cursor;

    /// <summary>Gets whether the delivery has to be settled: false with <see cref="SubscribeOptions.AutoAck"/>.</summary>
    public bool NeedsSettling => _message.AckId.Length > 0;

    /// <summary>Gets whether the broker has taken the message back because the stream that it came over has ended: settling it would be
    /// <see cref="SettleResult.Expired"/>, and the message comes again. False where nothing is taken back: with
    /// <see cref="SubscribeOptions.AutoAck"/>, over the Go event-server, and in mode broadcast without a consumer id where the broker can't replay.</summary>
    public bool IsTakenBack => _subscriber.HasTakenBack(this);

    internal string AckId => _message.AckId;

    internal int Generation { get; }

    // Since when its extensions are counted: since it came, or since its handling began.
    internal long HeldSince { get; private set; }

    // When its time to be settled is over, by the transport's clock.
    internal long LeaseEnd
    {
        get => Volatile.Read(ref _leaseEnd);
        set => Volatile.Write(ref _leaseEnd, value);
    }

    internal bool IsBeingSettled => Volatile.Read(ref _settlement) is { IsUndone: false };

    // Whether the message is known to be the broker's again while it is handled here.
    internal bool IsLeaseLost => _isLost;

    // What the subscription remembers about the message in order to resume; null where the broker remembers.
    internal ResumeEntry? Entry { get; set; }

    /// <summary>Says that the message is done with. Settlements are sent in batches: awaiting the result is what makes sure of it, not
    /// awaiting it is faster; closing the subscription sends what is left.</summary>
    /// <param name="cancellationToken">Ends the wait; the ack is sent all the same.</param>
    /// <returns>What became of it; that of the first call if the delivery was settled already. One that was not done
    /// (<see cref="SettleResult.Denied"/>, <see cref="SettleResult.Invalid"/>, <see cref="SettleResult.Failed"/>) may be tried again.</returns>
    /// <exception cref="EventBrokerException">The ack could not be sent: unless it had arrived, the message comes again. It may be tried
    /// again, and is <see cref="SettleResult.Settled"/> then if it had arrived.</exception>
    public Task<SettleResult> AckAsync(CancellationToken cancellationToken = default) =>
        SettleAsync(new SettlementRequest(this, SettlementKind.Ack), cancellationToken);

    /// <summary>Gives the message back: it is delivered again, here or to another member of the group.</summary>
    /// <param name="reason">Why, for the broker's log and interceptors; not empty.</param>
    /// <param name="delay">How long the redelivery waits, up to 12 hours; zero: not at all. Null (the default): as the broker decides, usually
    /// 100 ms for a first nack and twice as long for each further one, up to 30 s. The Go event-server knows no delay and ignores it.</param>
    /// <param name="cancellationToken">Ends the wait; the nack is sent all the same.</param>
    /// <returns>What became of it, as for <see cref="AckAsync"/>.</returns>
    /// <exception cref="EventBrokerException">The nack could not be sent: the message comes again after its deadline. It may be tried
    /// again.</exception>
    /// <exception cref="InvalidOperationException">The broker has settled the message itself (<see cref="NeedsSettling"/>).</exception>
    public Task<SettleResult> NackAsync(string reason, TimeSpan? delay = null, CancellationToken cancellationToken = default)
    {
        // An empty one would be an ack on the wire.
        ArgumentException.ThrowIfNullOrEmpty(reason);
        ArgumentOutOfRangeException.ThrowIfLessThan(delay ?? TimeSpan.Zero, TimeSpan.Zero, nameof(delay));
        ThrowIfSettledByBroker();
        return SettleAsync(new SettlementRequest(this, SettlementKind.Nack) { Reason = reason, Time = delay }, cancellationToken);
    }

    /// <summary>Asks for more time: the message may stay unsettled for so long from when the broker gets to know.</summary>
    /// <param name="time">1 second to 12 hours.</param>
    /// <param name="cancellationToken">Ends the wait; the extension is sent all the same.</param>
    /// <returns>What became of it.</returns>
    /// <exception cref="EventBrokerException">It could not be sent; or UNIMPLEMENTED: the server is one that would take an extension
    /// for an ack, such as the Go event-server, so none was sent.</exception>
    /// <exception cref="InvalidOperationException">The broker has settled the message itself (<see cref="NeedsSettling"/>).</exception>
    public Task<SettleResult> ExtendAsync(TimeSpan time, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.FromSeconds(1));
        ThrowIfSettledByBroker();
        var request = new SettlementRequest(this, SettlementKind.Extend) { Time = time, MadeAt = _subscriber.Now };
        _subscriber.Send(request);
        return request.WaitAsync(cancellationToken);
    }

    /// <summary>Gets the trace context that the publisher sent in the metadata <c>traceparent</c> and <c>tracestate</c>.</summary>
    /// <returns>The context; <c>default</c> if there is none.</returns>
    public ActivityContext GetTraceContext() => ClientTracing.Extract(Metadata);

    internal void LeaseFor(long from, TimeSpan time) => LeaseEnd = _subscriber.After(from, time);

    // An answer may come after the next extension was asked for.
    internal void LeaseAtLeastFor(long from, TimeSpan time) => LeaseEnd = Math.Max(LeaseEnd, _subscriber.After(from, time));

    internal void BeginHandling(Handling handling, long now)
    {
        HeldSince = now;
        Volatile.Write(ref _handling, handling);
        _subscriber.Leases?.Check(this);
        if (_isLost)
        {
            handling.End(HandlingEnd.LeaseLost);
        }
    }

    // Its end is still looked for.
    internal void StopExtending() => _isLeftToExpire = true;

    internal bool IsLeftToExpire => _isLeftToExpire;

    // False if nobody works on it.
    internal bool Lose()
    {
        _isLost = true;
        return Volatile.Read(ref _handling)?.End(HandlingEnd.LeaseLost) == true;
    }

    private Task<SettleResult> SettleAsync(SettlementRequest request, CancellationToken cancellationToken)
    {
        if (!NeedsSettling)
        {
            return Task.FromResult(SettleResult.Settled);
        }

        var first = Interlocked.CompareExchange(ref _settlement, request, null);
        if (first is { IsUndone: true } failed)
        {
            // It may be tried again, by one of those who try.
            request.IsRepeat = true;
            first = Interlocked.CompareExchange(ref _settlement, request, failed);
            first = ReferenceEquals(first, failed) ? null : first;
        }

        if (first is null)
        {
            _subscriber.Leases?.Release(this);
            _subscriber.Send(request);
        }

        return (first ?? request).WaitAsync(cancellationToken);
    }

    private void ThrowIfSettledByBroker()
    {
        if (!NeedsSettling)
        {
            throw new InvalidOperationException("the broker has settled this message already: the subscription asked for auto-ack");
        }
    }
}
