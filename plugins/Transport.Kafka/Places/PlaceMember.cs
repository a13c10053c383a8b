using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Kafka.Messages;

namespace EventBroker.Transport.Kafka.Places;

/// <summary>A subscription to a place: a member of a worker group, or the holder of a consumer id. Its demand is guarded by its place's lock.</summary>
internal sealed class PlaceMember : ITransportSubscription
{
    private readonly Place _place;
    private readonly SubscribeOptions _options;
    private readonly ISubscriber _subscriber;
    private Func<BrokerException>? _end;
    private int _isDisposed;

    public PlaceMember(Place place, SubscribeOptions options, ISubscriber subscriber, ResumeOutcome resume, string? startCursor)
    {
        _place = place;
        _options = options;
        _subscriber = subscriber;
        Resume = resume;
        StartCursor = startCursor;
        Node = new LinkedListNode<PlaceMember>(this);
    }

    public ResumeOutcome Resume { get; }

    public bool TracksSettlement => true;

    public string? StartCursor { get; }

    public int UnsettledSpan => _place.UnsettledSpan;

    /// <summary>Gets the member's own name; empty if it has none.</summary>
    public string Name => _options.ConsumerId;

    public LinkedListNode<PlaceMember> Node { get; }

    /// <summary>Gets or sets how many it waits for; 0 if it does not wait.</summary>
    public int Demanded { get; set; }

    /// <summary>Gets or sets whether it was told that there is something and has not come yet.</summary>
    public bool IsComing { get; set; }

    public int Read(Span<Delivery> destination, int maxBytes)
    {
        if (Volatile.Read(ref _end) is { } end)
        {
            throw end();
        }

        return _place.Read(this, destination, maxBytes);
    }

    public void Demand(int count)
    {
        if (Volatile.Read(ref _end) is null)
        {
            _place.Demand(this, count);
        }
        else
        {
            Signal();
        }
    }

    public ValueTask SettleAsync(Memory<TransportSettlement> settlements, CancellationToken cancellationToken) =>
        _place.SettleAsync(this, settlements, cancellationToken);

    public void Signal() => _place.Tell(_subscriber.Ready);

    /// <summary>Tells that whatever is not this member's any more is lost.</summary>
    public void TellLost() =>
        _place.Tell(() => _subscriber.LeasesLost(static d => d.Handle is Lease { IsLost: true }));

    /// <summary>Makes the delivery of a record that this member reads.</summary>
    public static Delivery ToDelivery(HeldRecord record, ulong epoch, ResumeCursor? cursor) => new()
    {
        Message = record.Message,
        Position = KafkaCursor.PositionOf(epoch, record.Share.Partition, record.Offset),
        RetryCount = record.Attempts,
        Missed = record.Missed,
        Cursor = cursor,
        Handle = record.Lease,
    };

    /// <summary>Ends the subscription for whoever reads it.</summary>
    public void End(Func<BrokerException> why)
    {
        Interlocked.CompareExchange(ref _end, why, null);
        Signal();
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            Interlocked.CompareExchange(ref _end, static () => BrokerErrors.SubscriptionEnded("it was closed"), null);
            await _place.LeaveAsync(this);
        }
    }
}
