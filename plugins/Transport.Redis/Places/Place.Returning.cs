using EventBroker.Sdk.Errors;
using EventBroker.Transport.Redis.Messages;
using EventBroker.Transport.Redis.Scripts;
using StackExchange.Redis;

namespace EventBroker.Transport.Redis.Places;

// What goes back to the group, from here or from a host that died, and what is made again after a loss.
internal sealed partial class Place
{
    /// <summary>Begins anew in another stream: what was held is lost, and nobody knows how much was not read.</summary>
    public void BeginAnew()
    {
        PlaceMember[] members;
        lock (_gate)
        {
            _missed++;
            members = [.. _members];
            foreach (var member in members)
            {
                member.Buffer.Clear();
            }

            _epoch = "";
            _mayHaveMore = true;
        }

        foreach (var member in members)
        {
            TellLost(member, static _ => true);
        }

        // Whether or not somebody waits: what is published from now on is the group's.
        Look();
    }

    // Called under the lock. What is fetched next for the member waits until this is done, or it would come before what goes back here.
    private void GiveBackUnread(PlaceMember member)
    {
        if (Drain(member) is { Count: > 0 } unread)
        {
            member.Returning = GiveBackAsync(member, unread);
        }
    }

    private async Task GiveBackAsync(PlaceMember member, List<ReadEntry> unread)
    {
        await Task.Yield();
        await LeaveAsync(member, unread, forGood: false);
    }

    private async Task LeaveAsync(PlaceMember member, List<ReadEntry> unread, bool forGood)
    {
        try
        {
            for (var at = 0; at < unread.Count || (at == 0 && forGood); at += ChunkLength)
            {
                var chunk = unread.GetRange(at, Math.Min(ChunkLength, unread.Count - at));
                var isLast = at + ChunkLength >= unread.Count;
                RedisValue[] values =
                [
                    _entry.Keys.Channel, Group, member.Consumer, forGood && isLast ? 1 : 0, member.HolderField,
                    .. chunk.SelectMany(static e => new RedisValue[] { EntryId.Format(e.Position), e.RetryCount }),
                ];
                await State.Backend.RunAsync(Script.Leave, [_entry.Keys.Stream, _hash, _due], values);
            }
        }
        catch (BrokerException)
        {
            // Said in the log as an outage. What is not given back comes to the others by the idle limit.
        }
#pragma warning disable CA1031 // Nobody waits for it, and disposing throws nothing.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            RedisLog.ReadFailed(State.Logger, exception, _entry.Name);
        }
    }

    /// <summary>Gives back what was read ahead for members that do not come: nobody renews that.</summary>
    public async Task GiveBackStaleAsync()
    {
        PlaceMember[] stale;
        lock (_gate)
        {
            stale = [.. _members.Where(IsStale)];
            foreach (var member in stale)
            {
                GiveBackUnread(member);
            }
        }

        await Task.WhenAll(stale.Select(static m => m.Returning));
    }

    /// <summary>Notes what was taken from hosts that did not renew it, and how much is unsettled.</summary>
    public void OnReaped(int taken, long unsettled)
    {
        NotePending(unsettled);
        if (taken > 0)
        {
            RedisLog.Reaped(State.Logger, taken, _entry.Name, Group);
            State.Metrics.Add(State.Metrics.Claimed, taken);
        }
    }

    // Once closed, its last figure is taken back, and no later one counts.
    private void NotePending(long pending)
    {
        long change;
        lock (_gate)
        {
            pending = _isClosed ? 0 : pending;
            change = pending - _pending;
            _pending = pending;
        }

        State.Metrics.AddPending(change);
    }

    // The group is not there: made again where it stood, or at the beginning of a stream that is another one.
    private async Task RestoreAsync()
    {
        PlaceMember[] members;
        RedisValue last, ordinal;
        bool isOther;
        lock (_gate)
        {
            members = [.. _members];
            isOther = _generation != _entry.Generation;
            if (isOther)
            {
                (_last, _ordinal, _generation) = (default, 0, _entry.Generation);
            }

            (last, ordinal) = (EntryId.Format(_last), _ordinal);
        }

        var names = members.DistinctBy(static m => m.HolderField).ToArray();
        foreach (var member in names)
        {
            var isGroup = _kind == Sdk.Transports.PlaceKind.WorkerGroup;
            var result = await State.Backend.RunAsync(
                Script.Restore,
                [_entry.Keys.Stream, _entry.Keys.Meta, _hash, _due, _entry.Keys.Places],
                [
                    _entry.Registration.Id, _entry.Generation, Group, last, ordinal,
                    isGroup ? member.MaxAgeValue : RedisValue.EmptyString,
                    isGroup ? (member.Options.LatestOnly ? 1 : 0) : RedisValue.EmptyString,
                    member.HolderField, member.Consumer,
                ]);
            if ((string?)result is { Length: > 0 } epoch)
            {
                OnEpoch(epoch);
            }
        }

        if (!isOther && names.Length > 0)
        {
            RedisLog.GroupLost(State.Logger, _entry.Name, Group, (string)last!);
            lock (_gate)
            {
                _missed++;
            }
        }

        Wake();
    }
}
