using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Local.Events;

namespace EventBroker.Transport.Local.Subscriptions;

/// <summary>What all subscriptions have in common: options, signal and end.</summary>
internal abstract class LocalSubscription(LocalEvent owner, SubscribeOptions options, ISubscriber subscriber)
    : Waiter, ITransportSubscription
{
    private Func<BrokerException>? _ended;
    private bool _disposed;

    public abstract ResumeOutcome Resume { get; }

    public abstract bool TracksSettlement { get; }

    public abstract string? StartCursor { get; }

    protected LocalEvent Owner { get; } = owner;

    protected bool HasEnded => Volatile.Read(ref _ended) is not null;

    public abstract int Read(Span<Delivery> destination, int maxBytes);

    public abstract void Demand(int count);

    public abstract ValueTask SettleAsync(Memory<TransportSettlement> settlements, CancellationToken cancellationToken);

    public ValueTask DisposeAsync()
    {
        TryEnd(static () => BrokerErrors.SubscriptionEnded("it was disposed"));
        if (Interlocked.Exchange(ref _disposed, true) is false)
        {
            Owner.Remove(this);
            OnDisposed();
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Ends the subscription for a reason that its next read throws. The first reason counts.</summary>
    public void End(Func<BrokerException> reason)
    {
        if (TryEnd(reason))
        {
            Signal();
        }
    }

    /// <summary>Tells the broker that reading makes sense. What it throws is logged and goes no further: a publisher
    /// has nothing to do with it.</summary>
    public override void Signal()
    {
        try
        {
            subscriber.Ready();
        }
#pragma warning disable CA1031 // Whatever it is, it is the subscriber's and not the publisher's.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Owner.ReportSignalFailure(failure);
        }
    }

    /// <summary>Tells the broker which deliveries are no longer this subscription's. Called outside of all locks.</summary>
    public void TellLost(Predicate<Delivery> isLost)
    {
        try
        {
            subscriber.LeasesLost(isLost);
        }
#pragma warning disable CA1031 // As above: whoever moves a place has nothing to do with it.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Owner.ReportSignalFailure(failure);
        }
    }

    /// <summary>Gives back what the subscription holds. Called once.</summary>
    protected abstract void OnDisposed();

    protected void ThrowIfEnded()
    {
        if (Volatile.Read(ref _ended) is { } reason)
        {
            throw reason();
        }
    }

    /// <summary>Gets the accepted time before which messages are left out because of the maximum age.</summary>
    protected long GetAgeLimit(long nowTicks) => options.MaxAge is { } age ? nowTicks - Math.Min(age.Ticks, nowTicks) : 0;

    private bool TryEnd(Func<BrokerException> reason) => Interlocked.CompareExchange(ref _ended, reason, null) is null;
}
