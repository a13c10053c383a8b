using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Memory.Events;

namespace EventBroker.Transport.Memory.Subscriptions;

/// <summary>What subscriptions of both delivery modes have in common: options, signal and end.</summary>
internal abstract class MemorySubscription(EventEntry owner, SubscribeOptions options, IReadySignal ready) : ITransportSubscription
{
    private Func<BrokerException>? _ended;
    private bool _disposed;

    public virtual ResumeOutcome Resume => ResumeOutcome.NotAsked;

    public abstract bool TracksCompletion { get; }

    // Belong to the WaiterList.
    internal long WaiterGeneration { get; set; } = -1;

    internal int WaiterSlot { get; set; }

    protected EventEntry Owner { get; } = owner;

    protected bool HasEnded => Volatile.Read(ref _ended) is not null;

    public abstract int Read(Span<Delivery> destination, int maxBytes);

    public abstract void Complete(in Delivery delivery);

    public abstract void Release(in Delivery delivery, TimeSpan delay);

    public ValueTask FlushAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public abstract int FormatCursor(in Delivery delivery, Span<byte> destination);

    public virtual int FormatStartCursor(Span<byte> destination) => 0;

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

    /// <summary>Ends the subscription because another one goes on under its consumer id.</summary>
    public void TakeOver(string consumerId) =>
        End(() => BrokerErrors.SubscriptionEnded($"consumer id '{consumerId}' was taken over by another subscription"));

    /// <summary>Tells the broker that reading makes sense. What it throws is logged and goes no further: a publisher
    /// has nothing to do with it.</summary>
    public void Signal()
    {
        try
        {
            ready.Ready();
        }
#pragma warning disable CA1031 // Whatever it is, it is the subscriber's and not the publisher's.
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
