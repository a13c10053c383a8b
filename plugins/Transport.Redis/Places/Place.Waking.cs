namespace EventBroker.Transport.Redis.Places;

// When the loop runs: somebody waits, and there may be something for it.
internal sealed partial class Place
{
    private bool _isPumping;
    private bool _mayHaveMore;
    private long _nextPoll = long.MaxValue;
    private long _nextDue = long.MaxValue;
    private long _nextReap = long.MaxValue;

    /// <summary>Notes that a member waits for messages.</summary>
    public void Demand(PlaceMember member, int count)
    {
        bool signals;
        lock (_gate)
        {
            signals = member.Buffer.Count > 0 || member.HasLeft || member.HasEnded;
            if (!signals)
            {
                member.Demanded = count;
                if (member.Node.List is null)
                {
                    _waiting.AddLast(member.Node);
                }

                ArmTimer();
            }
        }

        if (!signals)
        {
            Pump();
        }
        else
        {
            member.Signal();
        }
    }

    /// <summary>Says that there may be something new.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            _mayHaveMore = true;
        }

        Pump();
    }

    private void Pump()
    {
        lock (_gate)
        {
            if (_isPumping || _isClosed || !_mayHaveMore || _waiting.First is null)
            {
                return;
            }

            _isPumping = true;
        }

        _ = PumpAsync();
    }

    // Called under the lock after whatever may have changed the times.
    private void ArmTimer()
    {
        if (_isClosed || _members.Count == 0)
        {
            return;
        }

        if (_nextReap == long.MaxValue)
        {
            _nextReap = _timer.After(State.Settings.IdleLimit / 3);
        }

        if (_nextPoll == long.MaxValue)
        {
            _nextPoll = _timer.After(State.Settings.PollInterval);
        }

        var due = Math.Min(_nextReap, _nextPoll);
        _timer.Arm(_waiting.First is null ? due : Math.Min(due, _nextDue));
    }

    private void OnTimer()
    {
        bool reaps, looks;
        lock (_gate)
        {
            var now = State.Time.GetTimestamp();

            // While nobody waits nothing is fetched, and a loss would not be noticed.
            looks = now >= _nextPoll && _waiting.First is null;
            if (now >= _nextDue || now >= _nextPoll)
            {
                _mayHaveMore = true;
                _nextDue = long.MaxValue;
                _nextPoll = long.MaxValue;
            }

            reaps = now >= _nextReap;
            _nextReap = reaps ? long.MaxValue : _nextReap;
            ArmTimer();
        }

        if (reaps)
        {
            _ = ReapAsync();
        }

        if (looks)
        {
            _ = LookAsync(atOne: true);
        }

        Pump();
    }
}
