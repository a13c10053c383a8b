using EventBroker.Transport.Memory.Storage;
using EventBroker.Transport.Memory.Subscriptions;

namespace EventBroker.Transport.Memory.Consumers;

/// <summary>The consumer ids of an event. Those with an open subscription are kept; of the others, a bounded number.</summary>
internal sealed class ConsumerPlaces(int maxClosed)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ConsumerPlace> _places = [];
    private readonly LinkedList<ConsumerPlace> _closed = [];

    /// <summary>Opens the place of a consumer id, taking it from whoever holds it.</summary>
    /// <param name="consumerId">The consumer id.</param>
    /// <param name="holder">The subscription.</param>
    /// <param name="begin">Where a new consumer id begins.</param>
    /// <param name="cursor">Where this one begins.</param>
    /// <param name="isNew">Whether the consumer id was not known.</param>
    /// <returns>The place.</returns>
    public ConsumerPlace Open(
        string consumerId, BroadcastSubscription holder, LogCursor begin, out LogCursor cursor, out bool isNew)
    {
        ConsumerPlace? place;
        BroadcastSubscription? before;
        lock (_lock)
        {
            isNew = !_places.TryGetValue(consumerId, out place);
            place ??= _places[consumerId] = new ConsumerPlace(consumerId);
            if (place.ClosedNode.List is not null)
            {
                _closed.Remove(place.ClosedNode);
            }

            before = place.Hold(holder, isNew ? begin : null, out cursor);
        }

        before?.TakeOver(consumerId);
        return place;
    }

    /// <summary>Notes that a subscription is closed; its place is remembered.</summary>
    public void Close(ConsumerPlace place, BroadcastSubscription holder)
    {
        lock (_lock)
        {
            if (!place.LetGo(holder))
            {
                return;
            }

            _closed.AddLast(place.ClosedNode);
            if (_closed.Count > maxClosed)
            {
                var oldest = _closed.First!.Value;
                _closed.RemoveFirst();
                _places.Remove(oldest.ConsumerId);
            }
        }
    }
}
