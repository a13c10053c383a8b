using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Redis.Events;

namespace EventBroker.Transport.Redis.Subscriptions;

/// <summary>What all subscriptions have in common: signal and end.</summary>
internal abstract class RedisSubscription(EventEntry owner, ISubscriber subscriber) : ITransportSubscription
{
    private Func<BrokerException>? _ended;
    private bool _isDisposed;

    public abstract ResumeOutcome Resume { get; }

    public abstract bool TracksSettlement { get; }

    public abstract string? StartCursor { get; }

    public bool HasEnded => Volatile.Read(ref _ended) is not null;

    protected EventEntry Owner { get; } = owner;

    public abstract int Read(Span<Delivery> destination, int maxBytes);

    public abstract void Demand(int count);

    public abstract ValueTask SettleAsync(Memory<TransportSettlement> settlements, CancellationToken cancellationToken);

    public virtual ValueTask RenewAsync(ReadOnlyMemory<Delivery> held, CancellationToken cancellationToken) => default;

    public async ValueTask DisposeAsync()
    {
        TryEnd(static () => BrokerErrors.SubscriptionEnded("it was disposed"));
        if (Interlocked.Exchange(ref _isDisposed, true) is false)
        {
            Owner.Remove(this);
            await OnDisposedAsync();
        }
    }

    /// <summary>Ends the subscription for a reason that its next read throws. The first reason counts.</summary>
    public void End(Func<BrokerException> reason)
    {
        if (TryEnd(reason))
        {
            Signal();
        }
    }

    /// <summary>Tells the broker that reading makes sense. Called outside of all locks; what it throws is the subscriber's affair.</summary>
    public void Signal()
    {
        try
        {
            subscriber.Ready();
        }
#pragma warning disable CA1031 // Whatever it is, it is the subscriber's and not the event's.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            RedisLog.SignalFailed(Owner.State.Logger, failure, Owner.Name);
        }
    }

    /// <summary>Tells the broker which deliveries are no longer this subscription's. Called outside of all locks.</summary>
    public void TellLost(Predicate<Delivery> isLost)
    {
        try
        {
            subscriber.LeasesLost(isLost);
        }
#pragma warning disable CA1031 // As above.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            RedisLog.SignalFailed(Owner.State.Logger, failure, Owner.Name);
        }
    }

    /// <summary>Gives back what the subscription holds. Called once.</summary>
    protected abstract ValueTask OnDisposedAsync();

    protected void ThrowIfEnded()
    {
        if (Volatile.Read(ref _ended) is { } reason)
        {
            throw reason();
        }
    }

    private bool TryEnd(Func<BrokerException> reason) => Interlocked.CompareExchange(ref _ended, reason, null) is null;
}
