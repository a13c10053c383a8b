using EventBroker.Sdk.Interception;

namespace EventBroker.Broker.Settling;

/// <summary>The deliveries of one subscription that were settled last, for subscribers whose answer got lost and who ask again. Not safe for
/// concurrent use.</summary>
internal struct RecentSettlements
{
    // What a client has under way at a time: a few calls of a hundred.
    private const int Most = 1024;

    private long[]? _ring;
    private int _next;

    public void Note(long sequence, Settlement settlement)
    {
        _ring ??= new long[16];
        if (_next == _ring.Length)
        {
            if (_ring.Length < Most)
            {
                Array.Resize(ref _ring, _ring.Length * 4);
            }
            else
            {
                _next = 0;
            }
        }

        _ring[_next++] = Key(sequence, settlement);
    }

    public readonly bool Has(long sequence, Settlement settlement) =>
        _ring is not null && settlement != Settlement.Extend && _ring.AsSpan().Contains(Key(sequence, settlement));

    // Sequence numbers are above zero.
    private static long Key(long sequence, Settlement settlement) => settlement == Settlement.Nack ? -sequence : sequence;
}
