using EventBroker.Transport.JetStream.Pulling;

namespace EventBroker.Transport.JetStream.Places;

/// <summary>What became of a place's messages that were here last, by their place in the stream. Guarded by the place's lock.</summary>
internal sealed class RecentEnds
{
    // A server steps back by one for each redelivery that found nobody.
    private const int Size = 256;

    private readonly (AckInfo Info, int Deliveries, bool IsSettled)[] _ends = new (AckInfo, int, bool)[Size];

    public void Add(HeldMessage message, bool isSettled) =>
        _ends[message.Sequence % Size] = (message.Pulled.Info, message.Deliveries, isSettled);

    /// <summary>Finds one of which something that came now is a copy: how often it was handed out, and whether it was settled or only given back.</summary>
    public bool TryFind(in AckInfo copy, out int deliveries, out bool isSettled)
    {
        (var first, deliveries, isSettled) = _ends[copy.StreamSequence % Size];
        return copy.IsCopyOf(first);
    }

    public void Clear() => Array.Clear(_ends);
}
