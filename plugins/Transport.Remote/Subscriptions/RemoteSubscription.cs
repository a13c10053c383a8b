using System.Diagnostics.CodeAnalysis;
using System.Text;
using EventBroker.Client;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Remote.Messages;
using EventBroker.Transport.Remote.Upstream;
using SdkDelivery = EventBroker.Sdk.Transports.Delivery;
using SdkOptions = EventBroker.Sdk.Transports.SubscribeOptions;
using SdkOutcome = EventBroker.Sdk.Transports.ResumeOutcome;

namespace EventBroker.Transport.Remote.Subscriptions;

/// <summary>A stream of the broker behind, for one subscriber of this one.</summary>
/// <remarks>The client opens the stream anew after a cut; meanwhile there is nothing to read. What was read before the cut is then the
/// other broker's again: its settlement fails, and it comes again.</remarks>
internal sealed partial class RemoteSubscription : ITransportSubscription
{
    private readonly UpstreamBroker _broker;
    private readonly string _eventName;
    private readonly SdkOptions _options;
    private readonly IReadySignal _ready;
    private readonly CancellationTokenSource _closing = new();
    private readonly SemaphoreSlim _wanted = new(0);
    private readonly NewestDelivery? _newest;
    private readonly SettlementQueue _settlements;
    private Subscription? _source;
    private Task _pumping = Task.CompletedTask;
    private BrokerException? _end;
    private int _isArmed;
    private int _isDisposed;
    private volatile bool _hasLost;

    private RemoteSubscription(
        UpstreamBroker broker, string eventName, SdkOptions options, IReadySignal ready, CancellationToken cancellationToken)
    {
        _broker = broker;
        _eventName = eventName;
        _options = options;
        _ready = ready;
        _opening = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _newest = options.LatestOnly ? new NewestDelivery() : null;
        _settlements = new SettlementQueue(eventName, broker.Time, broker.Logger, _closing.Token);
        TracksCompletion = SubscribeMapping.TracksCompletion(options);
    }

    public SdkOutcome Resume { get; private set; }

    public bool TracksCompletion { get; }

    public int Read(Span<SdkDelivery> destination, int maxBytes)
    {
        if (Volatile.Read(ref _end) is { } end)
        {
            throw new BrokerException(end.Code, end.Message, end);
        }

        if (destination.IsEmpty)
        {
            return 0;
        }

        var count = 0;
        var bytes = 0;
        while (count < destination.Length && (count == 0 || bytes < maxBytes) && TryTake(out var delivery))
        {
            var read = ToRead(delivery);
            bytes += read.Message.Length;
            destination[count++] = read;
        }

        if (count < destination.Length && Interlocked.Exchange(ref _isArmed, 1) == 0)
        {
            _wanted.Release();
        }

        return count;
    }

    public void Complete(in SdkDelivery delivery) => _settlements.Complete((Client.Delivery)delivery.Handle!);

    public void Release(in SdkDelivery delivery, TimeSpan delay) => _settlements.Release((Client.Delivery)delivery.Handle!, delay);

    public ValueTask FlushAsync(CancellationToken cancellationToken) => _settlements.FlushAsync(cancellationToken);

    public int FormatCursor(in SdkDelivery delivery, Span<byte> destination) =>
        Format(((Client.Delivery)delivery.Handle!).Cursor, destination);

    public int FormatStartCursor(Span<byte> destination) => Format(_source?.StartCursor, destination);

    /// <summary>Ends the subscription for whoever reads it.</summary>
    public void End(BrokerException why)
    {
        Interlocked.CompareExchange(ref _end, why, null);
        _ready.Ready();
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        Interlocked.CompareExchange(ref _end, BrokerErrors.SubscriptionEnded("it was closed"), null);
        _broker.Remove(this);
        await _closing.CancelAsync();
        await _pumping;
        if (_source is not null)
        {
            await _source.DisposeAsync();
        }

        _opening.Dispose();
        _closing.Dispose();
        _wanted.Dispose();
    }

    private static int Format(string? cursor, Span<byte> destination) =>
        string.IsNullOrEmpty(cursor) ? 0 : Encoding.ASCII.GetBytes(cursor, destination);

    private bool TryTake([NotNullWhen(true)] out Client.Delivery? delivery)
    {
        while (_newest is null ? _source!.TryRead(out delivery) : _newest.TryTake(out delivery))
        {
            if (_options.MaxAge is not { } age || _broker.Time.GetUtcNow() - delivery.Timestamp <= age)
            {
                return true;
            }

            // It has waited here too long, and counts as done.
            LeaveOut(delivery);
        }

        delivery = null;
        return false;
    }

    private SdkDelivery ToRead(Client.Delivery delivery)
    {
        var missed = delivery.Missed;
        if (_hasLost)
        {
            // The broker behind could not go on where it had stopped, and perhaps does not know by how many.
            _hasLost = false;
            missed = Math.Max(missed, 1);
        }

        if (!TracksCompletion)
        {
            LeaveOut(delivery);
        }

        return new SdkDelivery
        {
            Message = WireMessages.ToEncoded(delivery),
            Position = new Position(0, _broker.NextPosition()),
            RetryCount = delivery.RetryCount,
            Missed = missed,
            Handle = delivery,
        };
    }

    // The Go event-server knows no auto-ack; everybody else has settled by itself what needs no tracking.
    private static void LeaveOut(Client.Delivery delivery)
    {
        if (delivery.NeedsSettling)
        {
            _ = delivery.AckAsync();
        }
    }

    // Waits for the client on behalf of a subscriber who has found nothing.
    private async Task PumpAsync()
    {
        try
        {
            while (true)
            {
                if (_newest is null)
                {
                    await _wanted.WaitAsync(_closing.Token);

                    // Before the wait below, which serves a reader who arms from now on as well.
                    Interlocked.Exchange(ref _isArmed, 0);
                }

                if (!await _source!.WaitToReadAsync(_closing.Token))
                {
                    End(BrokerErrors.TransportClosed());
                    return;
                }

                if (_newest is not null)
                {
                    KeepNewest(_newest);
                }

                _ready.Ready();
            }
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // Closed.
        }
        catch (EventBrokerException exception)
        {
            End(Ending(exception));
        }
#pragma warning disable CA1031 // Whatever it is, the subscriber must learn that nothing comes any more.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            RemoteLog.SubscriptionFailed(_broker.Logger, exception, _eventName);
            End(new BrokerException(BrokerErrorCode.Internal, "internal error", exception));
        }
    }

    // Read on also while nobody asks: what waits in buffers on the way would be old.
    private void KeepNewest(NewestDelivery newest)
    {
        while (_source!.TryRead(out var delivery))
        {
            if (newest.Replace(delivery) is { } outdated)
            {
                LeaveOut(outdated);
            }
        }
    }
}
