using System.Buffers.Binary;
using System.Security.Cryptography;

namespace EventBroker.Broker.Publishing;

/// <summary>Makes message ids that sort in the order in which this process made them, also across steps of the clock:
/// 48 bits of milliseconds and 16 bits of sequence, then 64 bits that are random per process, in base32.</summary>
/// <remarks>Sequential, so never a secret. Measured at a tenth of <see cref="Guid.NewGuid"/>'s cost.</remarks>
internal sealed class MessageIdGenerator
{
    /// <summary>The length of an id, in ASCII characters: 128 bits in steps of five.</summary>
    public const int Length = 26;

    private readonly ulong _process = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8));
    private long _last;

    private static ReadOnlySpan<byte> Alphabet => "0123456789abcdefghjkmnpqrstvwxyz"u8;

    /// <summary>Writes the next id.</summary>
    /// <param name="now">The time.</param>
    /// <param name="destination">At least <see cref="Length"/> bytes.</param>
    public void Next(DateTimeOffset now, Span<byte> destination)
    {
        var floor = now.ToUnixTimeMilliseconds() << 16;
        long last;
        long next;
        do
        {
            last = Volatile.Read(ref _last);

            // A burst of more than 65 536 ids in a millisecond, or a clock that steps back, borrows from the future.
            next = Math.Max(last + 1, floor);
        }
        while (Interlocked.CompareExchange(ref _last, next, last) != last);

        var value = new UInt128((ulong)next, _process);
        for (var i = Length - 1; i >= 0; i--)
        {
            destination[i] = Alphabet[(int)((ulong)value & 31)];
            value >>= 5;
        }
    }
}
