using EventBroker.Sdk.Messages;

namespace EventBroker.Transport.Redis.Broadcast;

/// <summary>The newest messages of an event, as one reader has read them for all subscriptions of this host. Bounded: whoever falls behind it
/// reads by itself until it is in reach again. One writes (under the reader's lock), any number read without a lock.</summary>
internal sealed class TailWindow
{
    private const int Slots = 1024;
    private const long MaxBytes = 16 << 20;

    private readonly Chunk?[] _ring = new Chunk?[Slots];
    private long _bytes;
    private long _start;
    private long _end;

    /// <summary>Initializes an empty window.</summary>
    /// <param name="begin">The id behind which it begins.</param>
    public TailWindow(Position begin) => Begin = begin;

    /// <summary>Gets the id behind which its first chunk begins. Under the reader's lock.</summary>
    public Position Begin { get; private set; }

    /// <summary>Gets the number of the next chunk.</summary>
    public long End => Volatile.Read(ref _end);

    public void Add(Chunk chunk)
    {
        _bytes += chunk.Bytes;
        while (_end - _start == Slots || (_bytes > MaxBytes && _end > _start))
        {
            ref var oldest = ref _ring[_start % Slots];
            _bytes -= oldest!.Bytes;
            Begin = oldest.Last;
            Volatile.Write(ref oldest, null);
            _start++;
        }

        Volatile.Write(ref _ring[_end % Slots], chunk);
        Volatile.Write(ref _end, _end + 1);
    }

    /// <summary>Gets a chunk.</summary>
    /// <returns>The chunk; null if it is not there yet, or no more.</returns>
    public Chunk? Get(long number) => Volatile.Read(ref _ring[number % Slots]) is { } chunk && chunk.Number == number ? chunk : null;

    /// <summary>Finds the first chunk that may hold something behind a position. Under the reader's lock.</summary>
    /// <returns>Its number, which may be the next one's; -1 if the window begins later.</returns>
    public long Find(Position position, bool isAtEnd)
    {
        if (position < Begin && !isAtEnd)
        {
            return -1;
        }

        var at = _end;
        while (at > _start && _ring[(at - 1) % Slots]!.Last > position)
        {
            at--;
        }

        return at;
    }
}
