using System.Diagnostics.CodeAnalysis;
using EventBroker.Client.Connections;
using EventBroker.Client.Settling;

namespace EventBroker.Client.Subscribing;

/// <summary>A subscription at work: what has come and was not taken yet, and the way back for what is settled. Where it comes from is the
/// business of <see cref="StreamLoop"/>.</summary>
internal sealed class Subscriber : IAsyncDisposable
{
    private readonly RemoteTransport _transport;
    private readonly StreamLoop _streams;
    private readonly DeliveryBuffer _buffer;
    private readonly CancellationTokenSource _closing = new();
    private Task _running = Task.CompletedTask;
    private int _isClosed;

    public Subscriber(
        RemoteTransport transport,
        BrokerConnection connection,
        CallHeaders headers,
        string eventName,
        SubscribeOptions options,
        Func<Subscriber, IncomingMessage, int, long, Delivery> createDelivery)
    {
        _transport = transport;
        Connection = connection;
        EventName = eventName;
        Options = options;

        // Its own, so that what is not answered here holds up nobody else.
        Settlements = new SettlementSender(connection, headers);
        _buffer = new DeliveryBuffer(options.BufferSize, options.BufferBytes, options is { LatestOnly: true, AutoAck: true }, IsStale);
        if (options is { MaxExtension: { } limit, AutoAck: false })
        {
            Leases = new LeaseKeeper(this, connection, options.AckTimeout, limit);
        }

        var intake = new MessageIntake(this, _buffer, createDelivery);
        _streams = new StreamLoop(this, transport, headers, intake, _closing.Token);
    }

    public string EventName { get; }

    public SubscribeOptions Options { get; }

    public BrokerConnection Connection { get; }

    public SettlementSender Settlements { get; }

    public LeaseKeeper? Leases { get; }

    public string StartCursor => _streams.StartCursor;

    public bool IsEventBroker => _streams.IsEventBroker;

    /// <summary>Gets a task that ends when nothing comes any more and everything that came was taken.</summary>
    public Task Completion => _buffer.Completion;

    public long Now => Connection.Time.GetTimestamp();

    /// <summary>Opens the first stream, and ends when the broker has accepted it.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        _running = Detached.Run(_streams.RunAsync);
        await _streams.Opened.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes a delivery that is there already.</summary>
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

    /// <summary>Waits until there may be something to take.</summary>
    /// <returns>False if it was closed; throws what has ended it otherwise.</returns>
    public ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken) => _buffer.WaitAsync(cancellationToken);

    /// <summary>Closes it: nobody wants it any more.</summary>
    public async ValueTask DisposeAsync()
    {
        await CloseAsync().ConfigureAwait(false);
        Connection.Health.Works(this);
    }

    /// <summary>Closes it without a word about its health: what has ended by itself is still wanted until its owner disposes of it.</summary>
    public async ValueTask CloseAsync()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) != 0)
        {
            await _running.ConfigureAwait(false);
            return;
        }

        // Before the stream is closed: then the broker takes back what it has no settlement for.
        Leases?.Dispose();
        _buffer.Complete(exception: null);
        await Settlements.FlushAsync().ConfigureAwait(false);
        await _closing.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _transport.Forget(this);
        _closing.Dispose();
    }

    public long After(long timestamp, TimeSpan time) => timestamp + (long)(time.TotalSeconds * Connection.Time.TimestampFrequency);

    public void Send(SettlementRequest request)
    {
        if (request.Kind == SettlementKind.Extend && !IsEventBroker)
        {
            request.Fail(new EventBrokerException(
                ErrorCode.Unimplemented, "the server knows no extensions and would take one for an ack"));
            return;
        }

        Settlements.Add(request);
    }

    /// <summary>Whether the broker has taken a message back because the stream that it came over has ended.</summary>
    public bool HasTakenBack(Delivery delivery) =>
        _streams.ComesAgain && delivery.NeedsSettling && delivery.Generation != _streams.Generation;

    // Once taken back, the broker gives the message out again: the copy here would be handled for nothing.
    private bool IsStale(Delivery delivery) =>
        _streams.ComesAgain && delivery.NeedsSettling && (delivery.Generation != _streams.Generation || Now >= delivery.LeaseEnd);
}
