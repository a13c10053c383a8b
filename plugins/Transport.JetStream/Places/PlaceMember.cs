using EventBroker.Nats.Delivering;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.JetStream.Places;

/// <summary>A subscription to a place: a member of a worker group, or the holder of a consumer id.</summary>
internal sealed class PlaceMember(Place place, SubscribeOptions options, ISubscriber subscriber, ResumeOutcome resume, string? startCursor)
    : Reader(subscriber), ITransportSubscription
{
    private Func<BrokerException>? _end;
    private int _isDisposed;

    public ResumeOutcome Resume => resume;

    public bool TracksSettlement => true;

    public string? StartCursor => startCursor;

    /// <summary>Gets the member's own name; empty if it has none.</summary>
    public string Name => options.ConsumerId;

    public int Read(Span<Delivery> destination, int maxBytes)
    {
        if (Volatile.Read(ref _end) is { } end)
        {
            throw end();
        }

        return place.Read(this, destination, maxBytes);
    }

    public void Demand(int count)
    {
        if (Volatile.Read(ref _end) is null)
        {
            place.Demand(this, count);
        }
        else
        {
            Subscriber.Ready();
        }
    }

    public ValueTask SettleAsync(Memory<TransportSettlement> settlements, CancellationToken cancellationToken) =>
        place.SettleAsync(this, settlements, cancellationToken);

    public ValueTask RenewAsync(ReadOnlyMemory<Delivery> held, CancellationToken cancellationToken) =>
        place.RenewAsync(this, held, cancellationToken);

    /// <summary>Makes the delivery of a message that this member reads.</summary>
    public Delivery ToDelivery(HeldMessage message) => new()
    {
        Message = message.Pulled.Message,
        Position = new Position(place.Event.Epoch, message.Sequence),
        RetryCount = message.Deliveries - 1,
        Missed = message.Missed,
        Cursor = place.Kind == PlaceKind.ConsumerId ? ResumeCursor.OfPosition : null,
        Handle = message,
    };

    /// <summary>Ends the subscription for whoever reads it.</summary>
    public void End(Func<BrokerException> why)
    {
        Interlocked.CompareExchange(ref _end, why, null);
        Subscriber.Ready();
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            Interlocked.CompareExchange(ref _end, static () => BrokerErrors.SubscriptionEnded("it was closed"), null);
            await place.LeaveAsync(this);
        }
    }
}
