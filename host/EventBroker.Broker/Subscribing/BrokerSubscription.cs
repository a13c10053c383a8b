using EventBroker.Broker.Interception;
using EventBroker.Broker.Settling;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using Microsoft.Extensions.Logging;

namespace EventBroker.Broker.Subscribing;

/// <summary>One open subscription, as its endpoint sees it.</summary>
/// <remarks>The endpoint's loop: <see cref="WaitAsync"/>; rent a buffer; <see cref="TakeAsync"/> and encode until it returns
/// nothing or enough bytes are written; flush once; <see cref="SentAsync"/>; give the buffer back; again. One thread
/// at a time. Settling and disposing may happen on any thread meanwhile.</remarks>
public sealed partial class BrokerSubscription : IAsyncDisposable, IReadySignal
{
    private readonly Lock _gate = new();
    private readonly AsyncSignal _signal = new();
    private readonly SubscriptionTerms _terms;
    private readonly SubscriptionRegistry _registry;
    private readonly DeliverChain? _interceptors;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly byte[] _ackIdPrefix;
    private readonly InFlightWindow _window;
    private RedeliveryQueue? _redeliveries;
    private readonly CancellationTokenSource? _interception;
    private ITransportSubscription? _source;
    private BrokerException? _end;
    private bool _isBlocked;
    private bool _isDisposed;

    internal BrokerSubscription(
        SubscriptionTerms terms, SubscriptionRegistry registry, DeliverChain? interceptors, TimeProvider time, ILogger logger)
    {
        _terms = terms;
        _registry = registry;
        _interceptors = interceptors;
        _interception = interceptors is null ? null : new CancellationTokenSource();
        _time = time;
        _logger = logger;
        _window = new InFlightWindow(terms.Options.MaxInFlight);
        AckId = registry.NewId();
        _ackIdPrefix = AckId.FormatPrefix();
    }

    /// <summary>Gets the event.</summary>
    public string EventName => _terms.EventName;

    /// <summary>Gets what became of the wish to resume.</summary>
    public ResumeOutcome Resume => Source.Resume;

    internal AckId AckId { get; }

    internal string ConnectionId => _terms.Caller.ConnectionId;

    internal string WorkerGroup => _terms.Options.WorkerGroup;

    private ITransportSubscription Source =>
        _source ?? throw new InvalidOperationException("the transport has not opened the subscription yet");

    // Nobody will ever ask for such a delivery again, so nothing has to be kept about it.
    private bool IsFireAndForget => _terms.AutoAck && !Source.TracksCompletion && !_terms.ReleasesToTransport;

    /// <summary>Ends when <see cref="TakeAsync"/> may have something. Holds no buffer and allocates nothing.</summary>
    /// <returns>A task, completed already when there may be something now.</returns>
    /// <exception cref="BrokerException">The subscription has ended: UNAVAILABLE (drain, backend gone), ABORTED (event
    /// unregistered, consumer id taken over, disposed), UNAUTHENTICATED (the caller's identity expired).</exception>
    public ValueTask WaitAsync() => Volatile.Read(ref _end) is { } end ? throw Again(end) : _signal.WaitAsync();

    /// <summary>Writes the ack id of a delivery.</summary>
    /// <param name="delivery">The delivery.</param>
    /// <param name="destination">At least <see cref="Settling.AckId.MaxLength"/> bytes.</param>
    /// <returns>How many ASCII characters were written; 0 with auto-ack.</returns>
    public int FormatAckId(in OutboundDelivery delivery, Span<byte> destination) =>
        _terms.AutoAck ? 0 : AckId.Format(_ackIdPrefix, delivery.Sequence, destination);

    /// <summary>Writes the cursor behind which a later subscription goes on after this delivery.</summary>
    /// <param name="delivery">The delivery.</param>
    /// <param name="destination">At least <see cref="SubscribeOptions.MaxCursorLength"/> bytes.</param>
    /// <returns>How many ASCII characters were written; 0 if the transport has no cursors, and for a redelivery, whose cursor would
    /// lead back.</returns>
    public int FormatCursor(in OutboundDelivery delivery, Span<byte> destination) =>
        delivery.RetryCount == delivery.Origin.RetryCount ? Source.FormatCursor(delivery.Origin, destination) : 0;

    /// <summary>Writes the cursor behind which the first delivery lies, for a subscriber that may be cut off before it. To be asked
    /// once, before the first <see cref="TakeAsync"/>.</summary>
    /// <param name="destination">At least <see cref="SubscribeOptions.MaxCursorLength"/> bytes.</param>
    /// <returns>How many ASCII characters were written; 0 if there is none.</returns>
    public int FormatStartCursor(Span<byte> destination) => Source.FormatStartCursor(destination);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            _end ??= BrokerErrors.SubscriptionEnded("the stream has ended");
            _timer?.Dispose();
            if (_source is not null && _terms.ReleasesToTransport)
            {
                ReleaseAll();
            }
        }

        _signal.Set();
        try
        {
            if (_interception is not null)
            {
                await _interception.CancelAsync();
            }

            await CloseSourceAsync();
        }
        finally
        {
            // Last, since whoever drains waits for this: only now has the transport what was given back.
            _registry.Remove(this);
        }
    }

    /// <summary>The transport has something, or has ended.</summary>
    void IReadySignal.Ready() => _signal.Set();

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
            if (_terms.Caller.ExpiresAt is { } expiry)
            {
                WatchIdentity(expiry);
                ArmTimer(_identityEnd);
            }
        }

        _signal.Set();
        return true;
    }

    /// <summary>Ends the subscription for its endpoint, which then disposes it.</summary>
    internal void End(BrokerException why)
    {
        Interlocked.CompareExchange(ref _end, why, null);
        _signal.Set();
    }

    private async ValueTask CloseSourceAsync()
    {
        if (_source is null)
        {
            return;
        }

        try
        {
            await _source.FlushAsync(CancellationToken.None);
        }
        catch (BrokerException exception)
        {
            BrokerLog.SettlementFailed(_logger, exception, EventName);
        }
        finally
        {
            await _source.DisposeAsync();
        }
    }

    // An exception object that is thrown twice would collect the stack traces of both.
    private static BrokerException Again(BrokerException end) => new(end.Code, end.Message, end);
}
