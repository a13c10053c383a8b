using EventBroker.Nats.Delivering;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Nats.Groups;

/// <summary>A member of a worker group.</summary>
internal sealed class GroupMember(Group group, SubscribeOptions options, ISubscriber subscriber, ResumeOutcome resume)
    : Reader(subscriber), ITransportSubscription
{
    private Func<BrokerException>? _end;
    private int _isDisposed;

    public ResumeOutcome Resume => resume;

    public bool TracksSettlement => true;

    /// <summary>Gets the member's own name; empty if it has none.</summary>
    public string Name => options.ConsumerId;

    public int Read(Span<Delivery> destination, int maxBytes) =>
        Volatile.Read(ref _end) is { } end ? throw end() : group.Read(this, destination, maxBytes);

    public void Demand(int count)
    {
        if (Volatile.Read(ref _end) is null)
        {
            group.Demand(this, count);
        }
        else
        {
            Subscriber.Ready();
        }
    }

    public ValueTask SettleAsync(Memory<TransportSettlement> settlements, CancellationToken cancellationToken)
    {
        group.Settle(this, settlements.Span);
        return default;
    }

    public Delivery ToDelivery(GroupMessage message) => new()
    {
        Message = message.Message,
        Position = new Position(group.Epoch, message.Number),
        RetryCount = message.Attempts,
        Missed = message.Missed,
        Handle = message,
    };

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
            await group.LeaveAsync(this);
        }
    }
}
