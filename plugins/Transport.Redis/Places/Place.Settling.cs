using System.Globalization;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Redis.Messages;
using EventBroker.Transport.Redis.Scripts;
using StackExchange.Redis;

namespace EventBroker.Transport.Redis.Places;

internal sealed partial class Place
{
    // A call holds the server up for all others, so it is bounded.
    private const int ChunkLength = 256;
    private const int FixedValues = 6;
    private const int ValuesOfOne = 6;

    // What a member has let expire is left to the others for so long.
    private const int GraceMilliseconds = 500;

    /// <summary>Tells Redis what becomes of deliveries. It does only what concerns an entry that the member still holds.</summary>
    public async ValueTask SettleAsync(PlaceMember member, Memory<TransportSettlement> settlements, CancellationToken cancellationToken)
    {
        member.Settlements.Begin(settlements.Span);
        try
        {
            for (var at = 0; at < settlements.Length; at += ChunkLength)
            {
                var chunk = settlements.Slice(at, Math.Min(ChunkLength, settlements.Length - at));
                var (values, indexes) = MakeValues(member, chunk.Span);
                if (indexes.Count == 0)
                {
                    continue;
                }

                var result = await State.Backend.RunAsync(Script.Settle, [_entry.Keys.Stream, _hash, _due], values).WaitAsync(cancellationToken);
                Note(chunk.Span, indexes, (string)result!);
            }
        }
        finally
        {
            member.Settlements.End(settlements.Span);
        }
    }

    /// <summary>Keeps what is held from being taken for a dead host's, and tells what is lost.</summary>
    public async ValueTask RenewAsync(PlaceMember member, ReadOnlyMemory<Delivery> held, CancellationToken cancellationToken)
    {
        var lost = new Dictionary<Position, int>();
        member.Settlements.BeginRenewal();
        try
        {
            await FindLostAsync(member, held, lost, cancellationToken);
        }
        finally
        {
            member.Settlements.EndRenewal(lost);
        }

        if (lost.Count > 0)
        {
            // Not what was taken, and has come again since.
            TellLost(member, d => lost.TryGetValue(d.Position, out var count) && d.RetryCount <= count);
        }
    }

    private async Task FindLostAsync(
        PlaceMember member, ReadOnlyMemory<Delivery> held, Dictionary<Position, int> lost, CancellationToken cancellationToken)
    {
        var counts = new Dictionary<Position, int>(held.Length);
        var byEpoch = new Dictionary<string, List<Position>>(StringComparer.Ordinal);
        foreach (ref readonly var delivery in held.Span)
        {
            counts[delivery.Position] = delivery.RetryCount;
            if (delivery.Handle is Lease lease && lease.Consumer == member.Consumer)
            {
                if (!byEpoch.TryGetValue(lease.Epoch, out var positions))
                {
                    byEpoch[lease.Epoch] = positions = [];
                }

                positions.Add(delivery.Position);
            }
            else
            {
                lost[delivery.Position] = delivery.RetryCount;
            }
        }

        foreach (var (epoch, positions) in byEpoch)
        {
            positions.Sort();
            foreach (var chunk in positions.Chunk(ChunkLength))
            {
                RedisValue[] values = [Group, member.Consumer, epoch, .. chunk.Select(static p => (RedisValue)EntryId.Format(p))];
                var result = await State.Backend.RunAsync(Script.Renew, [_entry.Keys.Stream, _hash], values).WaitAsync(cancellationToken);
                for (var i = 0; i < result.Length; i++)
                {
                    var position = EntryId.Parse((string)result[i]!);
                    lost[position] = counts[position];
                }
            }
        }
    }

    private (RedisValue[] Values, List<int> Indexes) MakeValues(PlaceMember member, Span<TransportSettlement> settlements)
    {
        var indexes = new List<int>(settlements.Length);
        for (var i = 0; i < settlements.Length; i++)
        {
            ref var settlement = ref settlements[i];
            settlement.Failure = null;
            if (Lease.IsOf(settlement.Delivery, member.Consumer))
            {
                indexes.Add(i);
            }
            else
            {
                settlement.Outcome = SettlementOutcome.LeaseLost;
            }
        }

        var values = new RedisValue[FixedValues + (indexes.Count * ValuesOfOne)];
        values[0] = _entry.Keys.Channel;
        values[1] = Group;
        values[2] = member.Consumer;
        values[3] = GraceMilliseconds;
        if (indexes.Count == 0)
        {
            return (values, indexes);
        }

        var (first, last) = (settlements[indexes[0]].Delivery.Position, settlements[indexes[0]].Delivery.Position);
        var at = FixedValues;
        foreach (var index in indexes)
        {
            ref var settlement = ref settlements[index];
            var position = settlement.Delivery.Position;
            first = position.CompareTo(first) < 0 ? position : first;
            last = position.CompareTo(last) > 0 ? position : last;
            values[at++] = EntryId.Format(position);
            values[at++] = ((Lease)settlement.Delivery.Handle!).Epoch;
            values[at++] = settlement.Delivery.RetryCount + 1;
            values[at++] = settlement.Action == SettlementAction.Complete ? "c"
                : settlement.Reason == SettlementReason.DeadlinePassed ? "x"
                : settlement is { Reason: SettlementReason.NeverSent, Delay.Ticks: <= 0 } ? "n"
                : "r";
            values[at++] = Math.Ceiling(settlement.Delay.TotalMilliseconds).ToString("F0", CultureInfo.InvariantCulture);
            values[at++] = settlement.Attempts;
        }

        values[4] = EntryId.Format(first);
        values[5] = EntryId.Format(last);
        return (values, indexes);
    }

    private void Note(Span<TransportSettlement> settlements, List<int> indexes, string answers)
    {
        long untold = 0;
        for (var i = 0; i < indexes.Count; i++)
        {
            ref var settlement = ref settlements[indexes[i]];
            settlement.Outcome = answers[i] == 'D' ? SettlementOutcome.Done : SettlementOutcome.LeaseLost;
            if (settlement is { Outcome: SettlementOutcome.Done, Action: SettlementAction.Release, Reason: SettlementReason.NeverSent })
            {
                untold += settlement.Delivery.Missed;
            }
        }

        if (untold > 0)
        {
            // What was never sent has told nobody what was missed before it.
            lock (_gate)
            {
                _missed += untold;
            }
        }
    }
}
