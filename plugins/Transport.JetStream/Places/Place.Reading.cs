using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.JetStream.Places;

// Who gets what has come.
internal sealed partial class Place
{
    public int Read(PlaceMember member, Span<Delivery> destination, int maxBytes)
    {
        Action? wake = null;
        var hasRoom = !destination.IsEmpty;
        var taken = new List<HeldMessage>(Math.Min(destination.Length, 64));
        lock (_gate)
        {
            _handOut.Read(member, taken, destination.Length, maxBytes, static (list, message) => list.Add(message));
            for (var i = 0; i < taken.Count; i++)
            {
                taken[i].Holder = member;
                destination[i] = member.ToDelivery(taken[i]);
            }

            if (_handOut.UnreadCount > 0)
            {
                wake = _handOut.PlanWakeUps();
            }

            Rearm();
        }

        wake?.Invoke();
        if (!hasRoom)
        {
            RetireIdlePulls();
        }

        return taken.Count;
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
            PlanPull();
        }

        wake?.Invoke();
    }
}
