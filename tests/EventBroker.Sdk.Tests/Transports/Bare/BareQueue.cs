using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;

namespace EventBroker.Sdk.Tests.Transports.Bare;

/// <summary>What waits for one broadcast subscription, or for the members of one worker group. Used under the transport's lock.</summary>
internal sealed class BareQueue(SubscribeOptions options)
{
    private readonly LinkedList<(Delivery Delivery, BareSubscription? Expired)> _pending = new();
    private readonly List<BareSubscription> _members = [];

    // Null for a broadcast subscription.
    public string? Group { get; } = options.Mode == DeliveryMode.WorkerPool ? options.WorkerGroup : null;

    public bool IsEmpty => _members.Count == 0;

    public void Join(BareSubscription member, SubscribeOptions asked)
    {
        var other = asked.MaxAge != options.MaxAge ? "max_age" : asked.LatestOnly != options.LatestOnly ? "latest_only" : null;
        if (other is not null)
        {
            throw BrokerErrors.OptionNotSupported("bare", other, "the group's first member asked for something else");
        }

        var older = _members.Find(m => asked.ConsumerId.Length > 0 && m.ConsumerId == asked.ConsumerId);
        _members.Add(member);
        if (older is not null)
        {
            Leave(older);
            older.End(static () => BrokerErrors.SubscriptionEnded("its consumer id was taken over"));
        }
    }

    public void Leave(BareSubscription member)
    {
        _members.Remove(member);
        foreach (var delivery in member.DropHeld())
        {
            _pending.AddLast((delivery with { RetryCount = delivery.RetryCount + 1 }, null));
        }

        Signal();
    }

    public void Add(Delivery delivery, BareSubscription? expired = null)
    {
        _pending.AddLast((delivery, expired));
        Signal();
    }

    public bool TryTake(BareSubscription member, out Delivery delivery)
    {
        var found = Find(member);
        delivery = found?.Value.Delivery ?? default;
        if (found is not null)
        {
            _pending.Remove(found);
        }

        return found is not null;
    }

    public void Signal()
    {
        foreach (var member in _members.Where(m => m.IsWaiting && Find(m) is not null))
        {
            member.Signal();
        }
    }

    public void End(Func<BrokerException> why) => _members.ForEach(m => m.End(why));

    // Whoever let a deadline pass comes after the others that are free.
    private LinkedListNode<(Delivery Delivery, BareSubscription? Expired)>? Find(BareSubscription member)
    {
        var isAloneFree = !_members.Exists(m => m != member && m.IsWaiting);
        var node = _pending.First;
        while (node is not null && node.Value.Expired == member && !isAloneFree)
        {
            node = node.Next;
        }

        return node;
    }
}
