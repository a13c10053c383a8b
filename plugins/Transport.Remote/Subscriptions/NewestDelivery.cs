using System.Diagnostics.CodeAnalysis;
using EventBroker.Client;

namespace EventBroker.Transport.Remote.Subscriptions;

/// <summary>The one message that a subscription with latest_only keeps while nobody reads.</summary>
internal sealed class NewestDelivery
{
    private Delivery? _newest;

    public bool HasOne => Volatile.Read(ref _newest) is not null;

    /// <summary>Puts a newer message in place of the one before.</summary>
    /// <returns>The one before, which nobody wants any more; null if it was read.</returns>
    public Delivery? Replace(Delivery delivery) => Interlocked.Exchange(ref _newest, delivery);

    public bool TryTake([NotNullWhen(true)] out Delivery? delivery)
    {
        delivery = Interlocked.Exchange(ref _newest, null);
        return delivery is not null;
    }
}
