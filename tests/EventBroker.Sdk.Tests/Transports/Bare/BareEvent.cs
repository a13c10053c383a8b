using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;

namespace EventBroker.Sdk.Tests.Transports.Bare;

/// <summary>Who is subscribed to an event of a <see cref="BareTransport"/>. Used under the transport's lock.</summary>
internal sealed class BareEvent
{
    private readonly List<BareSubscription> _subscriptions = [];
    private ulong _sequence;

    public void Publish(EncodedMessage message)
    {
        if (_subscriptions.Count == 0)
        {
            throw new BrokerException(BrokerErrorCode.FailedPrecondition, "nobody is subscribed, and nothing is kept");
        }

        var delivery = new Delivery { Message = message, Position = new Position(0, ++_sequence) };
        foreach (var queue in _subscriptions.Select(static s => s.Pending).Distinct())
        {
            queue.Enqueue(delivery);
        }

        Signal();
    }

    public BareSubscription Subscribe(BareTransport owner, SubscribeOptions options, IReadySignal ready)
    {
        var pending = options.Mode == DeliveryMode.WorkerPool ? Members(options.WorkerGroup).FirstOrDefault()?.Pending : null;
        var subscription = new BareSubscription(owner, this, options, pending ?? new Queue<Delivery>(), ready);
        _subscriptions.Add(subscription);
        return subscription;
    }

    /// <summary>Gives deliveries back to a group; without members they are lost, as at most once allows.</summary>
    public void GiveBack(string group, IEnumerable<Delivery> deliveries)
    {
        if (Members(group).FirstOrDefault() is { } any)
        {
            foreach (var delivery in deliveries)
            {
                any.Pending.Enqueue(delivery with { RetryCount = delivery.RetryCount + 1 });
            }

            Signal();
        }
    }

    public void Remove(BareSubscription subscription) => _subscriptions.Remove(subscription);

    public void End(Func<BrokerException> why)
    {
        foreach (var subscription in _subscriptions)
        {
            subscription.End(why);
        }

        _subscriptions.Clear();
    }

    private IEnumerable<BareSubscription> Members(string group) => _subscriptions.Where(s => s.Group == group);

    // Called too often is allowed.
    private void Signal() => _subscriptions.ForEach(static s => s.Signal());
}
