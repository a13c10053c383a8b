using System.Diagnostics.CodeAnalysis;
using EventBroker.Client.Connections;
using EventBroker.Client.Settling;
using EventBroker.Client.Subscribing;

namespace EventBroker.Client;

/// <summary>An open subscription: an endless sequence of deliveries that outlives its connection.</summary>
/// <remarks>
/// <para>After a cut the stream is opened anew. With a worker group or a consumer id the broker knows where it stopped; otherwise
/// it goes on behind the last message up to which everything was settled, and what was settled beyond that is not shown again. Messages that
/// were unsettled come again, with a higher <see cref="Delivery.RetryCount"/>; the settlement of their older deliveries is
/// <see cref="SettleResult.Expired"/>.</para>
/// <para>Several loops may read one subscription; each delivery goes to one of them. The order of deliveries is the order in which
/// the broker sends them.</para>
/// <para>One thing is given up: a message that stays unsettled while 100 000 behind it are settled does not come again after a
/// reconnect in mode broadcast without a consumer id; that is logged.</para>
/// </remarks>
public sealed partial class Subscription : IAsyncEnumerable<Delivery>, IAsyncDisposable
{
    private readonly RemoteTransport _transport;
    private readonly BrokerConnection _connection;
    private readonly CallHeaders _headers;
    private readonly SettlementSender _settlements;
    private readonly SubscribeOptions _options;
    private readonly DeliveryBuffer _buffer;
    private readonly LeaseKeeper? _leases;
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _running = Task.CompletedTask;
    private int _isDisposed;

    internal Subscription(
        RemoteTransport transport,
        BrokerConnection connection,
        CallHeaders headers,
        string eventName,
        SubscribeOptions options)
    {
        _transport = transport;
        _connection = connection;
        _headers = headers;

        // Its own, so that what is not answered here holds up nobody else.
        _settlements = new SettlementSender(connection, headers);
        _options = options;
        EventName = eventName;
        _buffer = new DeliveryBuffer(options.BufferSize, options.BufferBytes, options is { LatestOnly: true, AutoAck: true }, IsStale);
        if (options is { MaxExtension: { } limit, AutoAck: false })
        {
            _leases = new LeaseKeeper(this, connection, options.AckTimeout, limit);
        }

        _place = new ResumePlace(options, () => Diagnostics.ClientLog.LeftBehind(connection.Logger, eventName, ResumePlace.Limit));
    }

    /// <summary>Gets the event.</summary>
    public string EventName { get; }

    /// <summary>Gets the cursor behind which the first delivery lies, so that a program that stores cursors with its own data has one to begin
    /// with; empty where the broker can't replay, and for a worker group.</summary>
    public string StartCursor => _place.StartCursor;

    /// <summary>Gets a task that ends when the subscription has ended and everything that came was taken: with the exception that ended
    /// it, or without one after <see cref="DisposeAsync"/>.</summary>
    public Task Completion => _buffer.Completion;

    /// <summary>Takes a delivery that is there already.</summary>
    /// <param name="delivery">The delivery.</param>
    /// <returns>Whether there was one.</returns>
    public bool TryRead([NotNullWhen(true)] out Delivery? delivery)
    {
        while (_buffer.TryTake(out delivery))
        {
            if (!IsStale(delivery))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Waits until <see cref="TryRead"/> may have something.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False if the subscription was disposed.</returns>
    /// <exception cref="EventBrokerException">The subscription has ended: the event does not exist, the call was denied, or it could not
    /// be reopened in as many attempts as a configured <see cref="ReconnectOptions.MaxConsecutiveFailures"/> allows.</exception>
    public ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) => _buffer.WaitAsync(cancellationToken);

    /// <summary>Enumerates the deliveries, until the subscription is disposed. Ending the enumeration does not end the subscription.</summary>
    /// <param name="cancellationToken">Ends the enumeration with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The enumerator; throws what <see cref="WaitToReadAsync"/> throws.</returns>
    public async IAsyncEnumerator<Delivery> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        while (await WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            while (TryRead(out var delivery))
            {
                yield return delivery;
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }

    /// <summary>Ends the subscription: settlements made so far are sent first; what is unsettled goes back to the broker. Does not wait for
    /// programs that still handle a delivery: settle first, then dispose.</summary>
    /// <returns>A task that ends when the stream is closed.</returns>
    public async ValueTask DisposeAsync()
    {
        await CloseAsync().ConfigureAwait(false);
        _connection.Health.Works(this);
    }

    // Without a word about its health: what has ended by itself is still wanted until its owner disposes of it.
    internal async ValueTask CloseAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            await _running.ConfigureAwait(false);
            return;
        }

        // Before the stream is closed: then the broker takes back what it has no settlement for.
        _leases?.Dispose();
        _buffer.Complete(exception: null);
        await _settlements.FlushAsync().ConfigureAwait(false);
        await _closing.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _transport.Forget(this);
        _closing.Dispose();
    }

    internal async Task OpenAsync(CancellationToken cancellationToken)
    {
        _running = Detached.Run(RunAsync);
        await _opened.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    internal bool IsEventBroker => _isEventBroker;

    internal TimeSpan AckTimeout => _options.AckTimeout;

    internal long Now => _connection.Time.GetTimestamp();

    internal long After(long timestamp, TimeSpan time) =>
        timestamp + (long)(time.TotalSeconds * _connection.Time.TimestampFrequency);

    internal void CheckLease(Delivery delivery) => _leases?.Check(delivery);

    internal void ReleaseLease(Delivery delivery) => _leases?.Release(delivery);

    internal void Send(SettlementRequest request)
    {
        if (request.Kind == SettlementKind.Extend && !_isEventBroker)
        {
            request.Fail(new EventBrokerException(
                ErrorCode.Unimplemented, "the server knows no extensions and would take one for an ack"));
            return;
        }

        _settlements.Add(request);
    }

    internal bool HasTakenBack(Delivery delivery) =>
        _place.IsKeptByServer && delivery.NeedsSettling && delivery.Generation != Volatile.Read(ref _generation);

    // Once taken back, the broker gives the message out again: the copy here would be handled for nothing.
    private bool IsStale(Delivery delivery) =>
        HasTakenBack(delivery)
        || (_place.IsKeptByServer && delivery.NeedsSettling && _connection.Time.GetTimestamp() >= delivery.LeaseEnd);
}
