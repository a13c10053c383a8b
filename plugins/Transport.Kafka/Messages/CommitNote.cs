using System.Buffers.Text;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Kafka.Messages;

/// <summary>What is kept beside a committed offset: what was settled behind it, how often what was not was handed over, and what belongs to the
/// place as a whole. Kafka gives it 4096 bytes (<c>offset.metadata.max.bytes</c>).</summary>
/// <remarks>The text is a version and base64url of varints: it must be text, and other tools show it.</remarks>
internal sealed class CommitNote
{
    private const char Version = '1';
    private const int MaxBytes = 3_000;

    // What settled messages may take of it; the rest is left for counts.
    private const int MaxRunBytes = 2_200;

    /// <summary>Gets or sets which holder's note it is: grows with each takeover and each move of the place.</summary>
    public long Epoch { get; set; }

    /// <summary>Gets or sets who holds a consumer id; 0 for nobody.</summary>
    public ulong Holder { get; set; }

    /// <summary>Gets or sets the group's max age in ticks, 0 for none; null where nobody has fixed its options yet.</summary>
    public long? MaxAge { get; set; }

    public bool LatestOnly { get; set; }

    /// <summary>Gets or sets the offset below which everything was handed over at least once.</summary>
    public long HandedBelow { get; set; }

    /// <summary>Gets what is settled behind the offset, as [from, to) in ascending order.</summary>
    public List<(long From, long To)> Settled { get; } = [];

    /// <summary>Gets how often a message was handed over, where it is not once below <see cref="HandedBelow"/> and never above.</summary>
    public Dictionary<long, int> Counts { get; } = [];

    /// <summary>Reads a note. One that was not written here, or by a later version, says nothing.</summary>
    public static CommitNote Parse(long offset, string text)
    {
        var note = new CommitNote { HandedBelow = offset };
        if (text.Length < 2 || text[0] != Version || !Base64Url.IsValid(text.AsSpan(1)))
        {
            return note;
        }

        var reader = new Varints(Base64Url.DecodeFromChars(text.AsSpan(1)));
        note.Epoch = reader.Next();
        note.Holder = (ulong)reader.Next();
        note.MaxAge = reader.Next() is > 0 and var age ? age - 1 : null;
        note.LatestOnly = reader.Next() == 1;
        note.HandedBelow = offset + reader.Next();
        var at = offset;
        for (var runs = reader.Next(); runs > 0 && !reader.IsOver; runs--)
        {
            var from = at + reader.Next();
            at = from + reader.Next();
            note.Settled.Add((from, at));
        }

        at = offset;
        for (var counts = reader.Next(); counts > 0 && !reader.IsOver; counts--)
        {
            at += reader.Next();
            note.Counts[at] = (int)Math.Min(reader.Next(), int.MaxValue);
        }

        return note;
    }

    /// <summary>Writes the note.</summary>
    /// <param name="offset">The offset beside which it is kept.</param>
    /// <param name="unstored">How many settled messages found no room: they come again if this host dies.</param>
    public string Format(long offset, out long unstored)
    {
        var writer = new List<byte>(64);
        Write(writer, Epoch);
        Write(writer, (long)Holder);
        Write(writer, MaxAge + 1 ?? 0);
        Write(writer, LatestOnly ? 1 : 0);
        Write(writer, Math.Max(0, HandedBelow - offset));
        unstored = WriteRuns(writer, offset);
        WriteCounts(writer, offset);
        return Version + Base64Url.EncodeToString(writer.ToArray());
    }

    /// <summary>Gets how often a message was handed over, as far as is known.</summary>
    public int CountOf(long offset) => Counts.TryGetValue(offset, out var count) ? count : offset < HandedBelow ? 1 : 0;

    private long WriteRuns(List<byte> writer, long offset)
    {
        var bytes = new List<byte>();
        var (runs, at, unstored) = (0, offset, 0L);
        foreach (var (from, to) in Settled)
        {
            if (bytes.Count > MaxRunBytes)
            {
                unstored += to - from;
                continue;
            }

            Write(bytes, from - at);
            Write(bytes, to - from);
            at = to;
            runs++;
        }

        Write(writer, runs);
        writer.AddRange(bytes);
        return unstored;
    }

    private void WriteCounts(List<byte> writer, long offset)
    {
        var bytes = new List<byte>();
        var (counts, at) = (0, offset);
        foreach (var (of, count) in Counts.OrderBy(static c => c.Key))
        {
            if (writer.Count + bytes.Count > MaxBytes)
            {
                break;
            }

            Write(bytes, of - at);
            Write(bytes, count);
            at = of;
            counts++;
        }

        Write(writer, counts);
        writer.AddRange(bytes);
    }

    private static void Write(List<byte> writer, long value)
    {
        Span<byte> room = stackalloc byte[ProtoWire.MaxVarintLength];
        writer.AddRange(room[..ProtoWire.WriteVarint(room, (ulong)value)]);
    }

    private ref struct Varints(byte[] bytes)
    {
        private int _at;

        public readonly bool IsOver => _at >= bytes.Length;

        // What is missing is zero: a note that was cut says less, and nothing wrong.
        public long Next() => ProtoWire.TryReadVarint(bytes, ref _at, out var value) ? (long)value : 0;
    }
}
