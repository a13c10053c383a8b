using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Redis.Places;

/// <summary>What a member settles while its leases are renewed. What it has settled it holds no more, and nobody has taken it away: its own
/// answer says what became of it, and a renewal that overtakes that answer must not say otherwise.</summary>
internal sealed class Settlements(TimeProvider time)
{
    // For so long the answer may be on its way to whoever asked, on a machine that has other things to do.
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly Dictionary<Position, int> _underWay = [];
    private HashSet<Position> _ended = [];
    private HashSet<Position> _endedBefore = [];
    private long _turnedAt = time.GetTimestamp();
    private HashSet<Position>? _met;
    private int _renewals;

    public void Begin(ReadOnlySpan<TransportSettlement> settlements)
    {
        lock (_gate)
        {
            foreach (ref readonly var settlement in settlements)
            {
                var position = settlement.Delivery.Position;
                _underWay[position] = _underWay.GetValueOrDefault(position) + 1;
                _met?.Add(position);
            }
        }
    }

    public void End(ReadOnlySpan<TransportSettlement> settlements)
    {
        lock (_gate)
        {
            Turn();
            foreach (ref readonly var settlement in settlements)
            {
                var position = settlement.Delivery.Position;
                _ended.Add(position);
                if (--_underWay[position] == 0)
                {
                    _underWay.Remove(position);
                }
            }
        }
    }

    public void BeginRenewal()
    {
        lock (_gate)
        {
            _renewals++;
            Turn();
            _met ??= [.. _underWay.Keys, .. _ended, .. _endedBefore];
        }
    }

    /// <summary>Ends a renewal.</summary>
    /// <param name="lost">What Redis says that the member does not hold; what it was settling meanwhile is taken out.</param>
    public void EndRenewal(Dictionary<Position, int> lost)
    {
        lock (_gate)
        {
            foreach (var position in _met!)
            {
                lost.Remove(position);
            }

            _met = --_renewals == 0 ? null : _met;
        }
    }

    private void Turn()
    {
        if (time.GetElapsedTime(_turnedAt) >= Kept)
        {
            _turnedAt = time.GetTimestamp();
            (_endedBefore, _ended) = (_ended, []);
        }
    }
}
