using System.Collections.Concurrent;
using EventBroker.Broker.Subscribing;
using EventBroker.Sdk.Messages;

namespace EventBroker.Endpoints.Json;

// The JSON prefixes of an event's recent messages. A message is encoded by the first subscriber that comes to it, and copied by the others.
internal sealed class EventPrefixes(string eventName, ConcurrentDictionary<string, EventPrefixes> owner)
{
    private const int Slots = 128;
    private const int MaxLength = 64 * 1024;
    private const int Closed = -1;

    private readonly Lock _gate = new();
    private Slot?[]? _slots;
    private int _subscribers;

    public bool TryEnter()
    {
        lock (_gate)
        {
            if (_subscribers == Closed)
            {
                return false;
            }

            // One alone encodes straight into its connection.
            if (++_subscribers == 2)
            {
                Volatile.Write(ref _slots, new Slot?[Slots]);
            }

            return true;
        }
    }

    public void Leave()
    {
        lock (_gate)
        {
            if (--_subscribers < 2)
            {
                Volatile.Write(ref _slots, null);
            }

            if (_subscribers > 0)
            {
                return;
            }

            _subscribers = Closed;
        }

        owner.TryRemove(new KeyValuePair<string, EventPrefixes>(eventName, this));
    }

    // Empty where sharing makes no sense: the caller then encodes for itself.
    public ReadOnlySpan<byte> Get(in OutboundDelivery delivery)
    {
        if (!delivery.IsShared || Volatile.Read(ref _slots) is not { } slots)
        {
            return default;
        }

        var position = delivery.Position;
        ref var place = ref slots[(int)(position.Low ^ position.High) & (Slots - 1)];
        if (Volatile.Read(ref place) is { } known && known.Position == position)
        {
            return known.Json;
        }

        var bound = MessageJson.MaxPrefixLength(delivery.Message);
        if (bound > MaxLength)
        {
            return default;
        }

        var slot = new Slot(position, delivery.Message, bound);
        Volatile.Write(ref place, slot);
        return slot.Json;
    }

    private sealed class Slot
    {
        private readonly byte[] _bytes;
        private readonly int _length;

        public Slot(Position position, EncodedMessage message, int bound)
        {
            Position = position;

            // The bound is exact but for a few dozen bytes unless much had to be escaped.
            _bytes = GC.AllocateUninitializedArray<byte>(bound);
            _length = MessageJson.WritePrefix(message, _bytes);
        }

        public Position Position { get; }

        public ReadOnlySpan<byte> Json => _bytes.AsSpan(0, _length);
    }
}
