namespace EventBroker.Transport.Local.Storage;

/// <summary>A place in an event's log and what is still to be said about the way there.</summary>
internal struct LogCursor
{
    /// <summary>The sequence number of the message to be read next.</summary>
    public ulong Next;

    /// <summary>How many messages retention took away before they were read, not reported yet.</summary>
    public long Missed;
}
