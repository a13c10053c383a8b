namespace EventBroker.Transport.JetStream.Places;

/// <summary>What became of a place's messages that were here last, by their place in the stream. Guarded by the place's lock.</summary>
internal sealed class RecentEnds
{
    // A server steps back by one for each redelivery that found nobody.
    private const int Size = 256;

    private readonly (ulong Sequence, int Deliveries, bool IsSettled)[] _ends = new (ulong, int, bool)[Size];

    public void Add(HeldMessage message, bool isSettled) =>
        _ends[message.Sequence % Size] = (message.Sequence, message.Deliveries, isSettled);

    /// <summary>Finds one: how often it was handed out, and whether it was settled or only given back.</summary>
    public bool TryFind(ulong sequence, out int deliveries, out bool isSettled)
    {
        (var found, deliveries, isSettled) = _ends[sequence % Size];
        return found == sequence;
    }

    public void Clear() => Array.Clear(_ends);
}
