using System.Collections.Concurrent;

namespace EventBroker.Client.Diagnostics;

/// <summary>Knows the subscriptions over which nothing comes at present, for the health check. Those of which nothing is known are
/// well.</summary>
internal sealed class SubscriptionHealth
{
    private readonly ConcurrentDictionary<object, SubscriptionTrouble> _troubles = new(ReferenceEqualityComparer.Instance);

    public IReadOnlyCollection<SubscriptionTrouble> Troubles => [.. _troubles.Values];

    /// <summary>It is not open, and is tried again.</summary>
    public void Waits(object subscription, string eventName, Exception fault) =>
        _troubles[subscription] = new SubscriptionTrouble(eventName, IsFinal: false, fault.Message);

    /// <summary>It has ended; with a fault it is missed until its owner disposes of it.</summary>
    public void Ends(object subscription, string eventName, Exception? fault)
    {
        if (fault is null)
        {
            Works(subscription);
        }
        else
        {
            _troubles[subscription] = new SubscriptionTrouble(eventName, IsFinal: true, fault.Message);
        }
    }

    /// <summary>It is open, or nobody wants it any more.</summary>
    public void Works(object subscription) => _troubles.TryRemove(subscription, out _);
}
