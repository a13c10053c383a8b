using EventBroker.Sdk.Transports;
using EventBroker.Transport.Kafka.Messages;

namespace EventBroker.Transport.Kafka.Places;

// Who gets what was read.
internal sealed partial class Place
{
    private readonly List<HeldRecord> _taken = new(64);

    public int Read(PlaceMember member, Span<Delivery> destination, int maxBytes)
    {
        Action? wake = null;
        int count;
        lock (_gate)
        {
            // A host that stood still may have lost its partitions without knowing it yet: the thread finds out first.
            var most = StandsStill ? 0 : destination.Length;
            _taken.Clear();
            _handOut.Read(member, _taken, most, maxBytes);
            count = _taken.Count;
            for (var i = 0; i < count; i++)
            {
                destination[i] = HandOver(_taken[i], member);
            }

            _taken.Clear();
            if (count > 0)
            {
                _state.Metrics.Add(_state.Metrics.Delivered, count);
                PlanCommit(isUrgent: false);
                WakeIfPaused();
            }

            wake = _handOut.PlanWakeUps();
        }

        wake?.Invoke();
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

            _handOut.Demand(member, count);
            wake = _handOut.PlanWakeUps();
        }

        wake?.Invoke();
    }

    // Under the lock.
    private Delivery HandOver(HeldRecord record, PlaceMember member)
    {
        record.State = RecordState.Held;
        record.Lease = new Lease(record, member);
        record.Avoided = null;
        record.Share.HandsOver(record);
        var delivery = PlaceMember.ToDelivery(record, Event.Epoch, Kind == PlaceKind.ConsumerId ? MakeCursor() : null);
        record.Missed = 0;
        return delivery;
    }

    private ResumeCursor? MakeCursor()
    {
        if (Event.PartitionCount == 1)
        {
            return ResumeCursor.OfPosition;
        }

        return KafkaCursor.Make(Event.Epoch, MakeNext(static s => Math.Max(s.HandedBelow, 0)));
    }

    // Under the lock.
    private void WakeIfPaused()
    {
        foreach (var share in _shares.Values)
        {
            if (share.IsPaused && MayGoOn(share))
            {
                _offsets?.Wake();
                return;
            }
        }
    }
}
