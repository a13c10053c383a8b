using EventBroker.Sdk.Transports;
using EventBroker.Transport.Log.Storage;

namespace EventBroker.Transport.Log.Writing;

/// <summary>An event as the file has it. Belongs to the writer.</summary>
internal sealed class EventRecord
{
    private List<ReadOnlyMemory<byte>> _messages = [];
    private List<UInt128> _ids = [];

    public required long Id { get; init; }

    public required string Name { get; init; }

    public required EventOptions Options { get; init; }

    /// <summary>Gets the number that the next message gets: committed, and what the open transaction appends.</summary>
    public ulong Next { get; private set; }

    /// <summary>Gets the number of the next message as committed.</summary>
    public required ulong CommittedNext { get; set; }

    /// <summary>Gets or sets the first number that is still stored.</summary>
    public required ulong Oldest { get; set; }

    public required long Bytes { get; set; }

    /// <summary>Gets or sets when the last message was accepted that retention has removed.</summary>
    public long LastRemovedTicks { get; set; }

    /// <summary>Gets or sets whether the event is unregistered.</summary>
    public bool IsRemoved { get; set; }

    /// <summary>Gets the ids that publishers gave.</summary>
    public required RememberedIds Ids { get; init; }

    /// <summary>Gets the batches at the beginning of the log, for retention.</summary>
    public required StoredFront Front { get; init; }

    /// <summary>Gets or sets who makes readable what is committed.</summary>
    public LogEvent? Event { get; set; }

    /// <summary>Gets the places.</summary>
    public List<PlaceRecord> Places { get; } = [];

    /// <summary>Gets what the open transaction appends.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Pending => _messages;

    /// <summary>Gets the remembered id of each pending message; 0 for none.</summary>
    public IReadOnlyList<UInt128> PendingIds => _ids;

    public long PendingBytes { get; private set; }

    /// <summary>Adds a message to the open transaction.</summary>
    /// <returns>Its number.</returns>
    public ulong Append(ReadOnlyMemory<byte> message, UInt128 id)
    {
        if (_messages.Count == 0)
        {
            Next = CommittedNext;
        }

        _messages.Add(message);
        _ids.Add(id);
        PendingBytes += message.Length;
        return Next++;
    }

    /// <summary>Takes what was appended, after the commit.</summary>
    /// <param name="bytes">How many bytes it has.</param>
    public List<ReadOnlyMemory<byte>> TakeCommitted(out long bytes)
    {
        var taken = _messages;
        bytes = PendingBytes;
        CommittedNext += (ulong)taken.Count;
        _messages = [];
        _ids = [];
        PendingBytes = 0;
        return taken;
    }

    /// <summary>Forgets what was appended, after a failure.</summary>
    public void RollBack()
    {
        Ids.RollBack();
        _messages.Clear();
        _ids.Clear();
        PendingBytes = 0;
    }
}
