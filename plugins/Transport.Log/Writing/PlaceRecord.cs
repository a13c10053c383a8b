using System.Numerics;
using System.Runtime.InteropServices;

namespace EventBroker.Transport.Log.Writing;

/// <summary>A place as the file has it: everything before <see cref="Floor"/> is settled, behind it what has its bit set; what was given
/// back is settled here and stands in the table <c>waiting</c>. Belongs to the writer.</summary>
internal sealed class PlaceRecord
{
    /// <summary>So many messages share a row of bits.</summary>
    public const int MessagesPerPage = 4096;

    private const int WordsPerPage = MessagesPerPage / 64;

    private readonly SortedDictionary<ulong, ulong[]> _pages = [];
    private readonly HashSet<ulong> _changedPages = [];
    private readonly HashSet<ulong> _waiting = [];

    public required long Id { get; init; }

    public required EventRecord Event { get; init; }

    public int Generation { get; set; }

    /// <summary>Gets the first message that is not settled.</summary>
    public ulong Floor { get; private set; }

    public bool IsForgotten { get; set; }

    /// <summary>Gets whether the open transaction has changed anything.</summary>
    public bool IsChanged { get; private set; }

    /// <summary>Gets the numbers of the bits' rows that were changed.</summary>
    public IReadOnlyCollection<ulong> ChangedPages => _changedPages;

    /// <summary>Gets the messages that were given back and are not settled.</summary>
    public ISet<ulong> Waiting => _waiting;

    /// <summary>Gets the last message that has its bit set, or the one before the floor.</summary>
    public ulong LastSettled
    {
        get
        {
            foreach (var (page, bits) in _pages.Reverse())
            {
                for (var word = WordsPerPage - 1; word >= 0; word--)
                {
                    if (bits[word] != 0)
                    {
                        return (page * MessagesPerPage) + ((ulong)word * 64) + (ulong)BitOperations.Log2(bits[word]);
                    }
                }
            }

            return Floor - 1;
        }
    }

    /// <summary>Begins at a place with nothing behind it settled.</summary>
    public void Reset(ulong floor)
    {
        Floor = floor;
        _pages.Clear();
        _changedPages.Clear();
        _waiting.Clear();
        IsChanged = false;
    }

    /// <summary>Adds a stored row of bits.</summary>
    public void Restore(ulong page, ReadOnlySpan<byte> bits)
    {
        var words = new ulong[WordsPerPage];
        bits.CopyTo(MemoryMarshal.AsBytes(words.AsSpan()));
        _pages[page] = words;
    }

    /// <summary>Gets a row of bits, as it is stored.</summary>
    /// <returns>The bits; null if all messages of the row are settled.</returns>
    public byte[]? GetPage(ulong page) => _pages.TryGetValue(page, out var bits) ? MemoryMarshal.AsBytes(bits.AsSpan()).ToArray() : null;

    public bool IsSettled(ulong number) =>
        number < Floor || (_pages.TryGetValue(number / MessagesPerPage, out var bits) && (bits[Word(number)] & Bit(number)) != 0);

    /// <summary>Settles a message.</summary>
    public void Settle(ulong number)
    {
        if (number < Floor)
        {
            return;
        }

        IsChanged = true;
        if (number == Floor)
        {
            Floor++;
            AdvanceFloor();
            return;
        }

        Set(number);
    }

    /// <summary>Settles all messages of a range.</summary>
    public void Settle(ulong from, ulong to)
    {
        from = Math.Max(from, Floor);
        if (from >= to)
        {
            return;
        }

        IsChanged = true;
        if (from == Floor)
        {
            Floor = to;
            AdvanceFloor();
            return;
        }

        for (var number = from; number < to; number++)
        {
            Set(number);
        }
    }

    /// <summary>Forgets what was changed: it is stored now.</summary>
    public void Stored()
    {
        _changedPages.Clear();
        IsChanged = false;
    }

    private static int Word(ulong number) => (int)(number % MessagesPerPage / 64);

    private static ulong Bit(ulong number) => 1UL << (int)(number % 64);

    private void Set(ulong number)
    {
        var page = number / MessagesPerPage;
        if (!_pages.TryGetValue(page, out var bits))
        {
            _pages[page] = bits = new ulong[WordsPerPage];
        }

        bits[Word(number)] |= Bit(number);
        _changedPages.Add(page);
    }

    private void AdvanceFloor()
    {
        while (_pages.TryGetValue(Floor / MessagesPerPage, out var bits))
        {
            // The bits from the floor on, up to the end of their word.
            var shift = (int)(Floor % 64);
            var run = BitOperations.TrailingZeroCount(~(bits[Word(Floor)] >> shift));
            Floor += (ulong)Math.Min(run, 64 - shift);
            if (run < 64 - shift)
            {
                break;
            }
        }

        foreach (var page in _pages.Keys.TakeWhile(p => (p + 1) * MessagesPerPage <= Floor).ToArray())
        {
            _pages.Remove(page);
            _changedPages.Add(page);
        }
    }
}
