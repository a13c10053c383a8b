using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Remote.Messages;
using EventBroker.Transport.Remote.Upstream;
using ClientDelivery = EventBroker.Client.Delivery;
using SdkDelivery = EventBroker.Sdk.Transports.Delivery;
using SdkOptions = EventBroker.Sdk.Transports.SubscribeOptions;
using SdkOutcome = EventBroker.Sdk.Transports.ResumeOutcome;

namespace EventBroker.Transport.Remote.Subscriptions;

/// <summary>A stream of the broker behind, for one subscriber of this one.</summary>
/// <remarks>The client opens the stream anew after a cut; meanwhile there is nothing to read. What was read before the cut is then the
/// other broker's again, and this one is told so.</remarks>
internal sealed partial class RemoteSubscription : ITransportSubscription
{
    private readonly UpstreamBroker _broker;
    private readonly string _eventName;
    private readonly SdkOptions _options;
    private readonly ISubscriber _subscriber;
    private readonly TimeSpan _lease;
    private readonly TimeSpan? _maxAge;
    private readonly CancellationTokenSource _closing = new();
    private readonly ConcurrentQueue<ClientDelivery> _returned = new();
    private readonly NewestDelivery? _newest;
    private DeliverySource? _source;
    private Task _pumping = Task.CompletedTask;
    private BrokerException? _end;
    private int _isDisposed;
    private volatile bool _hasLost;

    private RemoteSubscription(
        UpstreamBroker broker, string eventName, SdkOptions options, ISubscriber subscriber, CancellationToken cancellationToken)
    {
        _broker = broker;
        _eventName = eventName;
        _options = options;
        _subscriber = subscriber;
        _lease = Leases.Of(options);
        _maxAge = broker.Capabilities.Has(TransportCapability.MaxAge) ? options.MaxAge : null;
        _opening = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _newest = options.LatestOnly && broker.Capabilities.Has(TransportCapability.LatestOnly) ? new NewestDelivery() : null;
        TracksSettlement = SubscribeMapping.TracksSettlement(options);
    }

    public SdkOutcome Resume { get; private set; }

    public bool TracksSettlement { get; }

    public string? StartCursor => _source is { StartCursor.Length: > 0 } source ? source.StartCursor : null;

    // With an empty destination nothing could be given back uncounted: the contract between brokers has no word for that.
    public int Read(Span<SdkDelivery> destination, int maxBytes)
    {
        Interlocked.Exchange(ref _isDemanded, 0);
        if (Volatile.Read(ref _end) is { } end)
        {
            throw new BrokerException(end.Code, end.Message, end) { Reason = end.Reason };
        }

        var count = 0;
        var bytes = 0;
        while (count < destination.Length && (count == 0 || bytes < maxBytes) && TryTake(out var delivery))
        {
            var read = ToRead(delivery);
            bytes += read.Message.Length;
            destination[count++] = read;
        }

        return count;
    }

    /// <summary>Ends the subscription for whoever reads it.</summary>
    public void End(BrokerException why)
    {
        Interlocked.CompareExchange(ref _end, why, null);
        _subscriber.Ready();
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
    }

    private bool TryTake([NotNullWhen(true)] out ClientDelivery? delivery)
    {
        while (_returned.TryDequeue(out delivery) || (_newest is null ? _source!.TryTake(out delivery) : _newest.TryTake(out delivery)))
        {
            if (delivery.IsTakenBack)
            {
                // It has waited here, and comes again.
                continue;
            }

            if (_maxAge is not { } age || _broker.Time.GetUtcNow() - delivery.Timestamp <= age)
            {
                return true;
            }

            // It has grown too old on the way, and counts as done.
            LeaveOut(delivery);
        }

        return false;
    }

    private SdkDelivery ToRead(ClientDelivery delivery)
    {
        var missed = delivery.Missed;
        if (_hasLost)
        {
            // The broker behind could not go on where it had stopped, and perhaps does not know by how many.
            _hasLost = false;
            missed = Math.Max(missed, 1);
        }

        if (!TracksSettlement)
        {
            LeaveOut(delivery);
        }

        return new SdkDelivery
        {
            Message = WireMessages.ToEncoded(delivery),
            Position = new Position(0, _broker.NextPosition()),
            RetryCount = delivery.RetryCount,
            Missed = missed,
            Cursor = delivery.Cursor.Length > 0 ? new ResumeCursor(delivery.Cursor) : null,
            Handle = TracksSettlement ? new HeldDelivery(delivery) : null,
        };
    }

    // The Go event-server knows no auto-ack; everybody else has settled by itself what needs no tracking.
    private static void LeaveOut(ClientDelivery delivery)
    {
        if (delivery.NeedsSettling)
        {
            _ = delivery.AckAsync();
        }
    }
}
