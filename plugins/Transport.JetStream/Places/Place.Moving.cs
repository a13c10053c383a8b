using EventBroker.Sdk.Transports;
using NATS.Client.JetStream.Models;

namespace EventBroker.Transport.JetStream.Places;

// What the servers, or other hosts, do to the place.
internal sealed partial class Place
{
    /// <summary>The consumer may have been made anew: then nothing that is held here is this place's any more.</summary>
    public void Moved(ConsumerInfo info)
    {
        PlaceMember[] members;
        List<HeldMessage> lost;
        lock (_gate)
        {
            if (_created == info.Created)
            {
                return;
            }

            lost = [.. _held.Values];
            lost.ForEach(Drop);
            members = [.. _members];
            _avoided.Clear();
        }

        Begin(info);
        foreach (var member in members)
        {
            TellLost(member, d => d.Handle is HeldMessage message && lost.Contains(message));
        }

        PullAnew();
    }

    // Everything whose lease has ended without anybody asking for more time: it may be another host's.
    private List<HeldMessage> TakeExpired()
    {
        var now = _transport.Link.Time.GetTimestamp();
        var expired = _held.Values.Where(m => m.Settling is null && IsExpired(m, now)).ToList();
        expired.ForEach(Drop);
        foreach (var (sequence, (_, since)) in _avoided)
        {
            if (_transport.Link.Time.GetElapsedTime(since, now) > _transport.Settings.AckWait)
            {
                _avoided.Remove(sequence);
            }
        }

        return expired;
    }

    private bool IsExpired(HeldMessage message, long now) =>
        _transport.Link.Time.GetElapsedTime(message.LeasedAt, now) >= _transport.Settings.AckWait;

    private static void TellLost(PlaceMember member, Predicate<Delivery> isLost) => member.Subscriber.LeasesLost(isLost);

    // Under the lock.
    private void Rearm()
    {
        if (!_isGone && (_held.Count > 0 || _avoided.Count > 0 || _handOut.AnyWaits))
        {
            _timer.Arm(_timer.After(Patience / 2));
        }
    }

    private void OnTimer()
    {
        List<HeldMessage> expired;
        List<HeldMessage> stale = [];
        var isSilent = false;
        Pulling.PullInbox? idle = null;
        lock (_gate)
        {
            if (_isGone)
            {
                return;
            }

            expired = TakeExpired();
            var now = _transport.Link.Time.GetTimestamp();
            foreach (var message in _handOut.Unread)
            {
                if (_transport.Link.Time.GetElapsedTime(message.LeasedAt, now) >= Patience)
                {
                    stale.Add(message);
                }
            }

            stale.ForEach(LetGo);
            if (!_handOut.AnyWaits && !_isPulling && stale.Count > 0)
            {
                idle = DetachPulls();
            }

            if (_inbox is { IsSilent: true } && _transport.Link.IsOpen)
            {
                isSilent = true;
                idle = DetachPulls();
            }
            else if (_transport.Link.IsOpen)
            {
                PlanPull();
            }

            Rearm();
        }

        _transport.Metrics.Returned(stale.Count);
        _ = RetireAndGiveBackAsync(idle, stale);
        foreach (var group in expired.Where(static m => m.Holder is not null).GroupBy(static m => m.Holder!))
        {
            var lost = group.ToHashSet<object>();
            TellLost(group.Key, d => d.Handle is { } handle && lost.Contains(handle));
        }

        if (isSilent)
        {
            Check();
        }
    }

    private async Task RetireAndGiveBackAsync(Pulling.PullInbox? idle, List<HeldMessage> messages)
    {
        if (idle is not null)
        {
            await RetireAsync(idle);
        }

        await SendAllAsync(messages, Nak);
    }
}
