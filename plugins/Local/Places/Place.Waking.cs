namespace EventBroker.Transport.Local.Places;

internal sealed partial class Place
{
    /// <summary>Notes that a member waits for messages.</summary>
    /// <returns>False if the member has left.</returns>
    public bool Demand(PlaceMember member, int count)
    {
        PlaceMember? next;
        lock (_lock)
        {
            if (member.HasLeft)
            {
                return false;
            }

            member.Demanded = count;
            _free.Add(member);
            _waiters.Arm(this);
            Refresh();
            next = WakeNext();
            ArmTimer();
        }

        next?.Signal();
        return true;
    }

    /// <summary>Wakes members for new messages, and goes on waiting for more as long as members demand some.</summary>
    public override void Signal()
    {
        if (_free.DemandingCount == 0)
        {
            // The next demand waits anew.
            return;
        }

        // Before the look for work: whatever is appended later signals again.
        _waiters.Arm(this);
        WakeForWork();
    }

    /// <summary>Wakes as many demanding members as there is work for, the one that has waited longest first. There must be a full
    /// fence between publishing messages and this call.</summary>
    public void WakeForWork()
    {
        if (_free.DemandingCount == 0)
        {
            return;
        }

        // Signalled one by one outside the lock; almost always it is one.
        long capacity = 0;
        while (true)
        {
            PlaceMember? next;
            lock (_lock)
            {
                Refresh();
                next = capacity == 0 || capacity < Backlog ? WakeNext() : null;
                ArmTimer();
            }

            if (next is null)
            {
                return;
            }

            capacity += Math.Min(next.Demanded, RunLength);
            next.Signal();
            if (_free.DemandingCount == 0)
            {
                return;
            }
        }
    }

    private long Backlog => (long)(_log.Tail - _cursor.Next) + _redeliveries.DueCount;

    private bool HasNew() => _log.Tail > _cursor.Next && !IsHeldBack();

    private PlaceMember? WakeNext()
    {
        if (_free.First is not { } node)
        {
            return null;
        }

        var hasNew = HasNew();
        for (; node is not null; node = node.Next)
        {
            // Passes over one at the most: only one member can have let the first redelivery expire.
            if (hasNew || HasDueFor(node.Value, others: _free.Count - 1))
            {
                _free.Wake(node.Value);
                return node.Value;
            }
        }

        return null;
    }

    // What the time has changed. Called before work is looked for.
    private bool Refresh()
    {
        if (_redeliveries.Count == 0 && _free.NextLate == long.MaxValue)
        {
            return false;
        }

        var now = _clock.GetTimestamp();
        return _redeliveries.Promote(now) | _free.GiveUpLate(now);
    }

    // Called after whatever may have changed the times.
    private void ArmTimer()
    {
        var due = _redeliveries.NextDue;

        // Those that are on their way are only waited for while there is work that another one could do.
        if (_free.NextLate < due && _free.DemandingCount > 0 && (_redeliveries.DueCount > 0 || HasNew()))
        {
            due = _free.NextLate;
        }

        if (due != long.MaxValue)
        {
            _timer.Arm(due);
        }
    }

    private void OnTimer()
    {
        lock (_lock)
        {
            var changed = Refresh();
            ArmTimer();
            if (!changed)
            {
                return;
            }
        }

        WakeForWork();
    }
}
