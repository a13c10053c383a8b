using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.JetStream.Places;

// Who gets what has come.
internal sealed partial class Place
{
    public int Read(PlaceMember member, Span<Delivery> destination, int maxBytes)
    {
        Action? wake = null;
        var count = 0;
        var hasRoom = !destination.IsEmpty;
        lock (_gate)
        {
            StopWaiting(member);
            var bytes = 0;
            for (var node = _unread.First; node is not null && count < destination.Length && (count == 0 || bytes < maxBytes);)
            {
                var message = node.Value;
                var next = node.Next;
                if (message.Avoided != member || !IsAnotherFree(member))
                {
                    _unread.Remove(node);
                    message.Holder = member;
                    bytes += message.Pulled.Message.Length;
                    destination[count++] = member.ToDelivery(message);
                }

                node = next;
            }

            if (_unread.Count > 0)
            {
                wake = PlanWakeUps();
            }

            Rearm();
        }

        wake?.Invoke();
        if (!hasRoom)
        {
            RetireIdlePulls();
        }

        return count;
    }

    public void Demand(PlaceMember member, int count)
    {
        Action? wake;
        lock (_gate)
        {
            if (!_members.Contains(member))
            {
                return;
            }

            member.IsComing = false;
            if (member.Demanded == 0)
            {
                _waiting.AddLast(member);
            }

            member.Demanded = count;
            wake = PlanWakeUps();
            PlanPull();
        }

        wake?.Invoke();
    }

    // Under the lock.
    private void StopWaiting(PlaceMember member)
    {
        member.IsComing = false;
        if (member.Demanded > 0)
        {
            member.Demanded = 0;
            _waiting.Remove(member);
        }
    }

    // Under the lock: whether somebody else waits for a message, or was told and is on the way.
    private bool IsAnotherFree(PlaceMember member)
    {
        foreach (var other in _members)
        {
            if (other != member && (other.Demanded > 0 || other.IsComing))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Chooses whom to tell of what is unread, those first who wait longest. Under the lock; the result is called outside of it.</summary>
    private Action? PlanWakeUps()
    {
        var left = _unread.Count;
        foreach (var member in _members)
        {
            left -= member.IsComing ? 1 : 0;
        }

        Action? wake = null;
        for (var node = _waiting.First; node is not null && left > 0;)
        {
            var member = node.Value;
            var next = node.Next;
            if (CanTakeAny(member))
            {
                left -= member.Demanded;
                member.Demanded = 0;
                member.IsComing = true;
                _waiting.Remove(node);
                wake += member.Subscriber.Ready;
            }

            node = next;
        }

        return wake;
    }

    // Under the lock.
    private bool CanTakeAny(PlaceMember member)
    {
        foreach (var message in _unread)
        {
            if (message.Avoided != member || !IsAnotherFree(member))
            {
                return true;
            }
        }

        return false;
    }
}
