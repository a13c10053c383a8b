using EventBroker.Transport.Kafka.Clients;
using EventBroker.Transport.Kafka.Messages;

namespace EventBroker.Transport.Kafka.Places;

/// <summary>A partition while this host reads it for a place: what was read of it and is not settled, in the order of the partition. All else
/// that was read is settled, so that one message that is never settled costs no more than itself, however much is behind it.
/// Guarded by its place's lock.</summary>
internal sealed class Share : IGapMemory
{
    private List<(long From, long To)> _settledBefore;
    private readonly Dictionary<long, int> _counts;
    private HeldRecord? _first;
    private HeldRecord? _last;
    private int _at;
    private long _taken = -1;

    /// <summary>Initializes a share.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="offset">The offset that is committed; negative where reading begins with the oldest message.</param>
    /// <param name="note">What is committed beside it.</param>
    /// <param name="member">The member of the consumer group that reads it.</param>
    public Share(int partition, long offset, CommitNote note, string member)
    {
        Partition = partition;
        Member = member;
        Next = offset;
        HandedBelow = Math.Max(note.HandedBelow, offset);
        _settledBefore = note.Settled;
        _counts = note.Counts;
        Inherited = note;
    }

    public int Partition { get; }

    /// <summary>Gets the id of the member that this host was in the consumer group when it began to read the partition; empty outside of groups.</summary>
    public string Member { get; }

    /// <summary>Gets the note that was found beside the offset.</summary>
    public CommitNote Inherited { get; }

    /// <summary>Gets the offset behind the last record that was read; negative before the first of a partition that is read from its beginning.</summary>
    public long Next { get; private set; }

    /// <summary>Gets the offset below which everything was handed over.</summary>
    public long HandedBelow { get; private set; }

    public bool IsOver { get; set; }

    /// <summary>Gets or sets when reading was last seen to go back; 0 for never.</summary>
    public long RewoundAt { get; set; }

    /// <inheritdoc/>
    public long Oldest { get; set; }

    /// <inheritdoc/>
    public long AskedAt { get; set; }

    /// <summary>Gets or sets whether its last state was committed when this host gave it up.</summary>
    public bool WasNoted { get; set; }

    /// <summary>Gets or sets whether there is something to commit.</summary>
    public bool IsDirty { get; set; }

    /// <summary>Gets or sets whether its reading is paused. A partition that was paused when it went comes back paused, so every one is
    /// resumed once.</summary>
    public bool IsPaused { get; set; } = true;

    /// <summary>Gets or sets whether it is paused because of a message that is not settled, and that was said.</summary>
    public bool IsSpanFull { get; set; }

    /// <summary>Gets or sets how many wait for a reader.</summary>
    public int Unread { get; set; }

    /// <summary>Gets or sets how many bytes they have.</summary>
    public long UnreadBytes { get; set; }

    /// <summary>Gets the offset that may be committed: everything below is settled.</summary>
    public long Mark
    {
        get
        {
            var record = _first;
            while (record is { State: RecordState.Settling })
            {
                record = record.Next;
            }

            return record?.Offset ?? Next;
        }
    }

    /// <summary>Gets how far reading is ahead of what is settled.</summary>
    public long Span => Math.Max(0, Math.Max(Next, 0) - Math.Max(Mark, 0));

    /// <summary>Gets how far handing over is ahead of what is settled.</summary>
    public long HandedSpan => Math.Max(0, HandedBelow - Math.Max(Mark, 0));

    public IEnumerable<HeldRecord> Unsettled
    {
        get
        {
            for (var record = _first; record is not null; record = record.Next)
            {
                yield return record;
            }
        }
    }

    /// <summary>Gets the offset that would come next if nothing were missing. Of the consumer's thread.</summary>
    public long Expected => Math.Max(Next, _taken);

    /// <summary>Notes that a record was taken out of the consumer, and is noted as read together with others. On the consumer's thread.</summary>
    public void Takes(long offset) => _taken = offset + 1;

    /// <summary>Notes that a record was read.</summary>
    /// <returns>Whether it is still to be settled.</returns>
    public bool Reads(long offset)
    {
        Next = offset + 1;
        while (_at < _settledBefore.Count && _settledBefore[_at].To <= offset)
        {
            _at++;
        }

        var isSettled = _at < _settledBefore.Count && _settledBefore[_at].From <= offset;
        IsDirty |= isSettled && Mark == Next;
        return !isSettled;
    }

    /// <summary>Begins anew at an offset: what stood there and behind it is gone, and other messages have its offsets.</summary>
    public void Truncate(long offset)
    {
        (Next, HandedBelow, _settledBefore, _at, _taken) = (offset, offset, [], 0, offset);
        _counts.Clear();
        IsDirty = true;
    }

    /// <summary>Notes that there is nothing more before an offset, but records that are not messages.</summary>
    public void ReachesEnd(long offset)
    {
        if (offset > Next)
        {
            Next = offset;

            // Also where what stands before it is being settled at this moment, whose commit does not go so far.
            IsDirty |= Mark == Next;
        }
    }

    /// <summary>Gets how often the message was handed over before this host had the partition.</summary>
    public int CountOf(long offset) => _counts.TryGetValue(offset, out var count) ? count : offset < Inherited.HandedBelow ? 1 : 0;

    public void Add(HeldRecord record)
    {
        record.Previous = _last;
        if (_last is null)
        {
            _first = record;
        }
        else
        {
            _last.Next = record;
        }

        _last = record;
    }

    public void HandsOver(HeldRecord record)
    {
        if (record.Offset >= HandedBelow)
        {
            HandedBelow = record.Offset + 1;
        }

        IsDirty = true;
    }

    /// <summary>Takes out what is settled.</summary>
    public void Remove(HeldRecord record)
    {
        record.State = RecordState.Over;
        if (record.Previous is null)
        {
            _first = record.Next;
        }
        else
        {
            record.Previous.Next = record.Next;
        }

        if (record.Next is null)
        {
            _last = record.Previous;
        }
        else
        {
            record.Next.Previous = record.Previous;
        }
    }

    /// <summary>Makes what is to be committed.</summary>
    /// <param name="note">With what belongs to the place as a whole.</param>
    /// <param name="unstored">How many settled messages found no room.</param>
    public NotedOffset ToCommit(CommitNote note, out long unstored)
    {
        var mark = Mark;
        note.HandedBelow = HandedBelow;
        var at = mark;
        for (var record = _first; record is not null; record = record.Next)
        {
            if (record.State == RecordState.Settling)
            {
                continue;
            }

            AddSettled(note, at, record.Offset);
            at = record.Offset + 1;
            var count = record.Attempts + (record.State == RecordState.Held ? 1 : 0);
            if (count != (record.Offset < HandedBelow ? 1 : 0))
            {
                note.Counts[record.Offset] = count;
            }
        }

        AddSettled(note, at, Next);

        // What the host before knew of what was not read here yet.
        for (var i = _at; i < _settledBefore.Count; i++)
        {
            AddSettled(note, Math.Max(_settledBefore[i].From, Next), _settledBefore[i].To);
        }

        foreach (var (offset, count) in _counts)
        {
            if (offset >= Next)
            {
                note.Counts[offset] = count;
            }
        }

        return new NotedOffset(Partition, mark, note.Format(mark, out unstored));
    }

    private static void AddSettled(CommitNote note, long from, long to)
    {
        if (to > from)
        {
            note.Settled.Add((from, to));
        }
    }
}
