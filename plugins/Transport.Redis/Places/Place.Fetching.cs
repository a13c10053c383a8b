using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Redis.Messages;
using EventBroker.Transport.Redis.Scripts;
using StackExchange.Redis;

namespace EventBroker.Transport.Redis.Places;

internal sealed partial class Place
{
    /// <summary>The most messages that a member gets at a time while others wait, so that a burst is spread over them.</summary>
    private const int RunLength = 16;

    private const int MaxCount = 1_000;

    // Whoever comes to a place without members gets what was left unsettled before anything new.
    private bool _returnedFirst;

    // Redeliveries and new messages take turns, also for a member that asks for one at a time.
    private bool _isNewOnesTurn;
    private int _averageBytes = 4 * 1024;

    /// <summary>Looks, for each member, whether the place is still as it was: moved, taken over, lost.</summary>
    public void Look() => _ = LookAsync();

    /// <summary>Looks at once.</summary>
    /// <param name="atOne">Whether one member is enough, since it is the place that matters.</param>
    public async Task LookAsync(bool atOne = false)
    {
        await Task.Yield();
        PlaceMember[] members;
        lock (_gate)
        {
            // One tells of the place; those with a name have to be asked for each by itself.
            var unnamed = _members.Where(static m => m.HolderField.Length == 0).Take(1);
            members = [.. unnamed, .. _members.Where(static m => m.HolderField.Length > 0)];
            members = atOne ? members[..Math.Min(1, members.Length)] : members;
        }

        foreach (var member in members)
        {
            await FetchAsync(member, 0, 0);
        }
    }

    private async Task PumpAsync()
    {
        // Whoever woke it publishes, or reads: neither waits for the first call.
        await Task.Yield();
        while (true)
        {
            PlaceMember member;
            int count, again;
            Task fetching;
            lock (_gate)
            {
                if (_isClosed || !_mayHaveMore || _waiting.First is not { } first)
                {
                    _isPumping = false;
                    ArmTimer();
                    return;
                }

                member = first.Value;
                var most = _waiting.Count > 1 ? Math.Min(member.Demanded, RunLength) : member.Demanded;
                count = Batches.ChooseCount(Math.Min(most, MaxCount), _averageBytes);
                again = _returnedFirst ? count : count > 1 ? (count + 1) / 2 : _isNewOnesTurn ? 0 : 1;
                _isNewOnesTurn = !_isNewOnesTurn;
                _mayHaveMore = false;
                member.Fetching = fetching = FetchAsync(member, count, again);
            }

            await fetching;
        }
    }

    // Never throws: nobody waits for what it fetches.
    private async Task FetchAsync(PlaceMember member, int count, int again)
    {
        var returning = member.Returning;
        await Task.Yield();
        await returning;
        var begin = State.Time.GetTimestamp();
        try
        {
            var result = await _entry.RunAsync(
                Script.Fetch,
                [_entry.Keys.Stream, _entry.Keys.Meta, _hash, _due],
                () => [_entry.Registration.Id, _entry.Generation, Group, member.Consumer, member.HolderField, count, again]);
            switch ((string?)result?[0])
            {
                case "OK":
                    OnFetched(member, result!, count, begin);
                    break;
                case "TAKEN":
                    OnTakenOver(member);
                    break;
                case "NOGROUP":
                    await RestoreAsync();
                    break;
                default:
                    // The event is gone, and everybody is told.
                    break;
            }
        }
        catch (BrokerException)
        {
            // Said in the log as an outage; the next poll tries again. What Redis has handed out all the same comes back by the idle limit.
        }
#pragma warning disable CA1031 // As above: what goes wrong is logged, and tried again with the next poll.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            RedisLog.ReadFailed(State.Logger, exception, _entry.Name);
        }
    }

    private void OnFetched(PlaceMember member, RedisResult result, int count, long begin)
    {
        var epoch = (string)result[1]!;
        var generation = _kind == PlaceKind.ConsumerId ? _entry.Generation : null;
        var again = Batches.ReadAgain(result[5], generation, State.Entries);
        var fresh = Batches.Read(result[6], (long)result[4], generation, State.Entries);
        var fetched = again.Length + fresh.Length;
        OnEpoch(epoch);
        var lease = new Lease(member.Consumer, epoch);
        var signals = false;
        lock (_gate)
        {
            _missed += (long)result[2];
            var wait = (long)result[3];
            _nextDue = wait < 0 ? long.MaxValue : _timer.After(TimeSpan.FromMilliseconds(Math.Max(wait, 1)));
            _returnedFirst &= again.Length > 0 || count == 0;
            _averageBytes = Batches.Average(_averageBytes, fresh.Length > 0 ? fresh : again);
            _mayHaveMore |= count > 0 && fetched == count;
            if (fresh.Length > 0)
            {
                (_last, _ordinal) = (fresh[^1].Position, fresh[^1].Ordinal < 0 ? -1 : fresh[^1].Ordinal + 1);
            }

            if (fetched > 0)
            {
                member.BufferedAt = member.Buffer.Count == 0 ? begin : member.BufferedAt;
                foreach (var entry in again.Concat(fresh))
                {
                    member.Buffer.Enqueue((entry, lease));
                }

                if (member.Node.List is not null)
                {
                    _waiting.Remove(member.Node);
                    signals = true;
                }
            }

            ArmTimer();
        }

        if (signals)
        {
            member.Signal();
        }
    }

    private void OnTakenOver(PlaceMember member)
    {
        lock (_gate)
        {
            Expel(member);
            member.Buffer.Clear();
            _mayHaveMore = true;
        }

        member.TakeOver();
        Pump();
    }

    // Another epoch: the place was moved or made anew, and what was handed out before belongs to nobody.
    private void OnEpoch(string epoch)
    {
        PlaceMember[] members;
        lock (_gate)
        {
            if (_epoch == epoch)
            {
                return;
            }

            _epoch = epoch;
            members = [.. _members];
            foreach (var member in members)
            {
                member.Buffer.Clear();
            }
        }

        foreach (var member in members)
        {
            TellLost(member, d => d.Handle is not Lease lease || lease.Epoch != epoch);
        }
    }
}
