using EventBroker.Sdk.Transports;
using StackExchange.Redis;

namespace EventBroker.Transport.Redis.Places;

// When the loop runs: somebody waits, and there may be something for it.
internal sealed partial class Place
{
    private bool _isPumping;
    private bool _mayHaveMore;
    private long _nextDue = long.MaxValue;

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

    /// <summary>Gets what is asked about it: its group, its epoch, and for a consumer id who holds it.</summary>
    public RedisValue[] Describe()
    {
        lock (_gate)
        {
            return [Group, _epoch, _kind == PlaceKind.ConsumerId ? _members.FirstOrDefault()?.Consumer ?? "" : ""];
        }
    }

    /// <summary>Looks what there is to do. While nobody waits nothing is fetched, and a loss has to be noticed all the same.</summary>
    public void Attend()
    {
        bool looks;
        lock (_gate)
        {
            _mayHaveMore = true;
            looks = _waiting.First is null;
        }

        if (looks)
        {
            _ = LookAsync(atOne: true);
        }
        else
        {
            Pump();
        }
    }

    // Called under the lock after whatever may have changed the time.
    private void ArmTimer()
    {
        if (!_isClosed && _members.Count > 0 && _waiting.First is not null)
        {
            _timer.Arm(_nextDue);
        }
    }

    private void OnTimer()
    {
        lock (_gate)
        {
            if (State.Time.GetTimestamp() >= _nextDue)
            {
                _mayHaveMore = true;
                _nextDue = long.MaxValue;
            }

            ArmTimer();
        }

        Pump();
    }
}
