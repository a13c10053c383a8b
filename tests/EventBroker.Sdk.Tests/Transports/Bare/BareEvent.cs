using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;

namespace EventBroker.Sdk.Tests.Transports.Bare;

/// <summary>Who is subscribed to an event of a <see cref="BareTransport"/>. Used under the transport's lock.</summary>
internal sealed class BareEvent
{
    private readonly List<BareQueue> _queues = [];
    private ulong _sequence;

    public PublishReceipt Publish(TransportMessage message)
    {
        var refused = message.OrderingKey is not null ? "ordering_key" : message.DueTime is not null ? "due_time" : null;
        if (refused is not null)
        {
            throw BrokerErrors.OptionNotSupported("bare", refused, "leave it out");
        }

        if (_queues.Count == 0)
        {
            throw new BrokerException(BrokerErrorCode.FailedPrecondition, "nobody is subscribed, and nothing is kept");
        }

        var delivery = new Delivery { Message = message.Message, Position = new Position(0, ++_sequence) };
        _queues.ForEach(q => q.Add(delivery));
        return new PublishReceipt { Position = delivery.Position };
    }

    public BareSubscription Subscribe(BareTransport owner, SubscribeOptions options, ISubscriber subscriber)
    {
        var isWorker = options.Mode == DeliveryMode.WorkerPool;
        var group = isWorker ? _queues.Find(q => q.Group == options.WorkerGroup) : null;
        var resume = !isWorker || options.Start == StartPosition.Unspecified ? ResumeOutcome.NotAsked
            : group is null ? ResumeOutcome.New : ResumeOutcome.Kept;
        var queue = group ?? new BareQueue(options);
        var subscription = new BareSubscription(owner, this, queue, options, resume, subscriber);
        queue.Join(subscription, options);
        if (group is null)
        {
            _queues.Add(queue);
        }

        return subscription;
    }

    /// <summary>Without members, what a group has is lost, as at most once allows.</summary>
    public void Remove(BareSubscription subscription, BareQueue queue)
    {
        queue.Leave(subscription);
        if (queue.IsEmpty)
        {
            _queues.Remove(queue);
        }
    }

    public void End(Func<BrokerException> why)
    {
        _queues.ForEach(q => q.End(why));
        _queues.Clear();
    }
}
