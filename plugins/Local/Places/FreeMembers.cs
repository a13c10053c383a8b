namespace EventBroker.Transport.Local.Places;

/// <summary>The members of a place that can take messages: those that demand some, in the order in which they began to, and those that
/// were woken and are on their way. Used under the place's lock.</summary>
/// <remarks>A woken member may be slow to come (its connection is stuck): after <see cref="Patience"/> it does not count any more. The time runs
/// while another one waits; for a member alone no clock is asked.</remarks>
internal sealed class FreeMembers(TimeProvider clock)
{
    /// <summary>How long a woken member is waited for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(50);

    private readonly long _patience = Patience.Ticks * clock.TimestampFrequency / TimeSpan.TicksPerSecond;
    private readonly LinkedList<PlaceMember> _demanding = [];
    private readonly LinkedList<PlaceMember> _coming = [];
    private int _demandingCount;

    /// <summary>Gets how many there are, on their way or not.</summary>
    public int Count => _demanding.Count + _coming.Count;

    /// <summary>Gets how many demand something and are not woken. May be read without the lock.</summary>
    public int DemandingCount => Volatile.Read(ref _demandingCount);

    /// <summary>Gets the member that has demanded for longest; null if none does.</summary>
    public LinkedListNode<PlaceMember>? First => _demanding.First;

    /// <summary>Gets when the first of those that are on their way is late; <see cref="long.MaxValue"/> if nobody is, or nobody waits.</summary>
    public long NextLate => _coming.First?.Value.LateAt ?? long.MaxValue;

    /// <summary>Notes a demand. A member that demands already keeps its turn.</summary>
    public void Add(PlaceMember member)
    {
        if (member.Node.List == _demanding)
        {
            return;
        }

        Remove(member);
        _demanding.AddLast(member.Node);
        Volatile.Write(ref _demandingCount, _demanding.Count);
        for (var node = _coming.Last; node is { Value.LateAt: long.MaxValue }; node = node.Previous)
        {
            node.Value.LateAt = clock.GetTimestamp() + _patience;
        }
    }

    /// <summary>Notes that a member demands nothing any more, or has come.</summary>
    public void Remove(PlaceMember member)
    {
        if (member.Node.List is { } list)
        {
            list.Remove(member.Node);
            Volatile.Write(ref _demandingCount, _demanding.Count);
        }
    }

    /// <summary>Notes that a member is woken.</summary>
    public void Wake(PlaceMember member)
    {
        Remove(member);
        member.LateAt = _demanding.Count > 0 ? clock.GetTimestamp() + _patience : long.MaxValue;
        _coming.AddLast(member.Node);
    }

    /// <summary>Waits no longer for those that are late.</summary>
    /// <returns>Whether there were any.</returns>
    public bool GiveUpLate(long now)
    {
        var any = false;
        while (NextLate <= now)
        {
            _coming.RemoveFirst();
            any = true;
        }

        return any;
    }

    public void Clear()
    {
        _demanding.Clear();
        _coming.Clear();
        Volatile.Write(ref _demandingCount, 0);
    }
}
