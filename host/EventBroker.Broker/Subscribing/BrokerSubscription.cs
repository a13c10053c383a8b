using System.Net;
using EventBroker.Broker.Delivering;
using EventBroker.Broker.Settling;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Interception;
using EventBroker.Sdk.Timing;
using EventBroker.Sdk.Transports;
using Microsoft.Extensions.Logging;

namespace EventBroker.Broker.Subscribing;

/// <summary>One open subscription, as its endpoint sees it.</summary>
/// <remarks>
/// <para>The endpoint's loop: <see cref="WaitAsync"/>; rent a buffer; <see cref="TakeAsync"/> and encode until it returns
/// nothing or enough bytes are written; flush once; <see cref="SentAsync"/>; give the buffer back; again. One thread
/// at a time. Settling and disposing may happen on any thread meanwhile.</para>
/// <para>What becomes of each delivery: <see cref="DeliveryState"/>. The other parts of this class are the ways through that picture: taking,
/// settling, and what comes with time.</para>
/// </remarks>
public sealed partial class BrokerSubscription : IAsyncDisposable, ISubscriber
{
    private readonly Lock _gate = new();
    private readonly AsyncSignal _signal = new();
    private readonly SubscriptionSetup _setup;
    private readonly SubscriptionRegistry _registry;
    private readonly DeliverNext? _interceptors;
    private readonly CancellationTokenSource? _interception;
    private readonly BrokerMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly byte[] _ackIdPrefix;
    private readonly InFlightTable _table;
    private readonly Admission _admission;
    private readonly DueTimer _timer;
    private RedeliveryPolicy? _policy;
    private ITransportSubscription? _source;
    private BrokerException? _end;
    private bool _isDisposed;

    internal BrokerSubscription(
        SubscriptionSetup setup,
        SubscriptionRegistry registry,
        DeliverNext? interceptors,
        BrokerMetrics metrics,
        TimeProvider time,
        ILogger logger)
    {
        _setup = setup;
        _registry = registry;
        _interceptors = interceptors;
        _interception = interceptors is null ? null : new CancellationTokenSource();
        _metrics = metrics;
        _time = time;
        _logger = logger;
        _table = new InFlightTable(setup.Options.MaxInFlight);
        _admission = new Admission(setup, time, metrics, logger);
        _timer = new DueTimer(time, OnTimer);
        _ackTimeout = (long)(setup.Options.AckTimeout.TotalSeconds * time.TimestampFrequency);
        AckId = registry.NewId();
        _ackIdPrefix = AckId.FormatPrefix();
    }

    /// <summary>Gets the event.</summary>
    public string EventName => _setup.EventName;

    /// <summary>Gets where the subscription begins, measured by what was asked for.</summary>
    public ResumeOutcome Resume =>
        HasLostPlace && Source.Resume is (ResumeOutcome.NotAsked or ResumeOutcome.New) ? ResumeOutcome.Lost : Source.Resume;

    /// <summary>Gets the cursor behind which the first delivery lies, for a subscriber that may be cut off before it; null if there is none.</summary>
    public string? StartCursor => Source.StartCursor;

    /// <summary>Gets how many bytes <see cref="FormatCursor"/> writes at the most.</summary>
    public int MaxCursorLength => _setup.Route.Declared.MaxCursorLength;

    /// <summary>Gets or sets what cuts the connection, for a write that does not come back: the subscriber has taken nothing for longer
    /// than its ack timeout, or the subscription has ended and the write still waits. Called at most once, from any
    /// thread; must not block or throw. The subscription is disposed then.</summary>
    public Action? ConnectionStuck { get; set; }

    /// <summary>Gets or sets whether the subscriber brought along a place that is none of the event. Set before anybody else sees it.</summary>
    internal bool HasLostPlace { get; set; }

    internal AckId AckId { get; }

    internal string ConnectionId => _setup.Caller.ConnectionId;

    internal IPAddress? RemoteAddress => _setup.Caller.RemoteAddress;

    internal string WorkerGroup => _setup.Options.WorkerGroup;

    /// <summary>Gets what the subscriber's consumer id is unique within; null without one.</summary>
    internal ConsumerKey? ConsumerKey => _setup.Options.ConsumerId.Length == 0
        ? null
        : new ConsumerKey(EventName, _setup.Options.Mode, WorkerGroup, _setup.Options.ConsumerId);

    private ITransportSubscription Source =>
        _source ?? throw new InvalidOperationException("the transport has not opened the subscription yet");

    private RedeliveryPolicy Policy => _policy!;

    // Nobody will ever ask for such a delivery again, so nothing has to be kept about it.
    private bool IsFireAndForget => _setup.AutoAck && !Source.TracksSettlement;

    /// <summary>Ends when <see cref="TakeAsync"/> may have something. Holds no buffer and allocates nothing.</summary>
    /// <returns>A task, completed already when there may be something now.</returns>
    /// <exception cref="BrokerException">The subscription has ended: UNAVAILABLE (drain, backend gone), ABORTED (event
    /// unregistered, consumer id taken over, disposed), UNAUTHENTICATED (the caller's identity expired).</exception>
    public ValueTask WaitAsync()
    {
        if (Volatile.Read(ref _end) is { } end)
        {
            throw Again(end);
        }

        DemandMore();
        return _signal.WaitAsync();
    }

    /// <summary>Says that the client of a subscription whose consumer id was taken over has taken leave: where it comes back by itself it is
    /// refused, for as long as the other one is there.</summary>
    public void ClientKnowsOfTakeover() => _registry.Holders.Told(this);

    /// <summary>Writes the ack id of a delivery.</summary>
    /// <param name="delivery">The delivery.</param>
    /// <param name="destination">At least <see cref="Settling.AckId.MaxLength"/> bytes.</param>
    /// <returns>How many ASCII characters were written; 0 with auto-ack.</returns>
    public int FormatAckId(in OutboundDelivery delivery, Span<byte> destination) =>
        _setup.AutoAck ? 0 : AckId.Format(_ackIdPrefix, delivery.Sequence, destination);

    /// <summary>Writes the cursor behind which a later subscription goes on after this delivery.</summary>
    /// <param name="delivery">The delivery.</param>
    /// <param name="destination">At least <see cref="MaxCursorLength"/> bytes.</param>
    /// <returns>How many ASCII characters were written; 0 if it has none.</returns>
#pragma warning disable CA1822 // It stands beside FormatAckId, which needs the subscription.
    public int FormatCursor(in OutboundDelivery delivery, Span<byte> destination) =>
        delivery.Cursor is null ? 0 : delivery.Cursor.Write(delivery.Position, destination);
#pragma warning restore CA1822

    /// <summary>The transport has something, or has ended.</summary>
    void ISubscriber.Ready() => _signal.Set();

    /// <summary>Gives the subscription what the transport has opened for it.</summary>
    /// <returns>False if it was disposed meanwhile; the transport's subscription is then the caller's to dispose.</returns>
    internal bool TryAttach(ITransportSubscription source)
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return false;
            }

            _source = source;
            _policy = new RedeliveryPolicy(_setup, source.TracksSettlement, _setup.Limits);
            WatchIdentity();
            Rearm();
        }

        _signal.Set();
        return true;
    }

    /// <summary>Ends the subscription for its endpoint, which then disposes it; if a write keeps it from that, the connection is cut.</summary>
    internal void End(BrokerException why)
    {
        if (Interlocked.CompareExchange(ref _end, why, null) is null)
        {
            lock (_gate)
            {
                _cutDue = _timer.After(_setup.Limits.CloseTimeout);
                Rearm();
            }
        }

        _signal.Set();
    }

    // An exception object that is thrown twice would collect the stack traces of both.
    private static BrokerException Again(BrokerException end) => new(end.Code, end.Message, end) { Reason = end.Reason };
}
