using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;

namespace EventBroker.Sdk.Tests.Transports.SinglePlace;

/// <summary>Who reads an event from one place: the members of a worker group, the holder of a consumer id, or a single subscription whose
/// place nobody remembers. Used under the storage's lock.</summary>
internal sealed class SinglePlaceReaders(SinglePlaceEvent from, bool isRemembered, SubscribeOptions options, int start)
{
    private readonly List<SinglePlaceSubscription> _members = [];
    private readonly List<(Delivery Delivery, SinglePlaceSubscription? TakenFrom)> _returned = [];
    private CompletionTracker _read = new();
    private int _stored = start;
    private int _next = start;

    public bool IsRemembered => isRemembered;

    /// <summary>Gets how many messages lie between the stored place and the last one read.</summary>
    public int UnsettledSpan => _read.Count;

    public void Join(SinglePlaceSubscription member, SubscribeOptions asked)
    {
        var other = asked.MaxAge != options.MaxAge ? "max_age" : asked.LatestOnly != options.LatestOnly ? "latest_only" : null;
        if (other is not null && asked.Mode == DeliveryMode.WorkerPool)
        {
            throw BrokerErrors.OptionNotSupported("single-place", other, "the group's first member asked for something else");
        }

        var older = _members.Find(m => asked.ConsumerId.Length > 0 && m.ConsumerId == asked.ConsumerId);
        _members.Add(member);
        if (older is not null)
        {
            Leave(older, static () => BrokerErrors.SubscriptionEnded("its consumer id was taken over"));
        }
    }

    /// <summary>Ends a member and gives back what it holds.</summary>
    public void Leave(SinglePlaceSubscription member, Func<BrokerException> why)
    {
        _members.Remove(member);
        GiveBack(member.DropHeld(static _ => true), null);
        member.End(why);
        if (!isRemembered)
        {
            from.Remove(this);
        }
    }

    public bool TryTake(SinglePlaceSubscription member, out Delivery delivery)
    {
        var index = _returned.FindIndex(r => r.TakenFrom != member);
        if (index >= 0)
        {
            delivery = _returned[index].Delivery;
            _returned.RemoveAt(index);
            return true;
        }

        if (_next == from.Messages.Count)
        {
            delivery = default;
            return false;
        }

        delivery = new Delivery { Message = from.Messages[_next], Position = new Position(0, (ulong)++_next) };
        if (isRemembered)
        {
            _read.Add(delivery.Position);
        }

        return true;
    }

    /// <summary>Notes a completion; the place moves once nothing before it is missing.</summary>
    public void Complete(Position position)
    {
        if (_read.Complete(position))
        {
            _stored = (int)_read.CompletedThrough!.Value.Low;
        }
    }

    /// <summary>Takes deliveries away from the members of one transport. Others get them, or whoever comes later.</summary>
    /// <returns>Who has lost what, to be told without the lock.</returns>
    public List<(SinglePlaceSubscription Member, HashSet<Position> Lost)> Revoke(SinglePlaceTransport from, Predicate<Delivery> which)
    {
        var all = new List<(SinglePlaceSubscription, HashSet<Position>)>();
        foreach (var member in _members.Where(m => m.Owner == from))
        {
            var lost = member.DropHeld(which);
            if (lost.Count > 0)
            {
                GiveBack(lost, member);
                all.Add((member, [.. lost.Select(static d => d.Position)]));
            }
        }

        return all;
    }

    public void Signal()
    {
        foreach (var member in _members.Where(m => m.IsWaiting && m.Owner.Link.IsUp && HasFor(m)))
        {
            member.Signal();
        }
    }

    public void End(Func<BrokerException> why, SinglePlaceTransport? of)
    {
        foreach (var member in _members.FindAll(m => of is null || m.Owner == of))
        {
            Leave(member, why);
        }
    }

    /// <summary>Goes back to the stored place: what was completed behind a gap, and every count, is forgotten.</summary>
    public void Forget()
    {
        _read = new CompletionTracker();
        _returned.Clear();
        _next = _stored;
    }

    private void GiveBack(IReadOnlyCollection<Delivery> deliveries, SinglePlaceSubscription? takenFrom)
    {
        _returned.AddRange(deliveries.Select(d => (d with { RetryCount = d.RetryCount + 1 }, takenFrom)));
        _returned.Sort(static (a, b) => a.Delivery.Position.CompareTo(b.Delivery.Position));
        Signal();
    }

    private bool HasFor(SinglePlaceSubscription member) =>
        _next < from.Messages.Count || _returned.Exists(r => r.TakenFrom != member);
}
