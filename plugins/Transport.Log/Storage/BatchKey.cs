namespace EventBroker.Transport.Log.Storage;

/// <summary>The key of a stored batch: its event and the number of its first message, in one integer, so that it is the table's own order and
/// appending never splits a page.</summary>
internal static class BatchKey
{
    private const int SequenceBits = 40;

    /// <summary>The highest number of an event's message: a million a second for twelve days, ten thousand for three years.</summary>
    public const ulong MaxSequence = (1UL << SequenceBits) - 1;

    /// <summary>The highest id of an event.</summary>
    public const long MaxEvent = (1L << (63 - SequenceBits)) - 1;

    public static long Of(long eventId, ulong sequence) => (eventId << SequenceBits) | (long)sequence;

    public static ulong SequenceOf(long key) => (ulong)key & MaxSequence;

    public static long EventOf(long key) => key >> SequenceBits;
}
