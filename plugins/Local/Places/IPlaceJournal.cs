using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Local.Places;

/// <summary>Is told of what happens to a place, so that it survives the process. Called under the place's lock, so in the order in which it
/// happens; never waits there.</summary>
internal interface IPlaceJournal
{
    /// <summary>Notes that messages are handed over. When this returns, a process that dies has not forgotten it.</summary>
    /// <param name="deliveries">What is handed over, for the first time or again.</param>
    /// <param name="from">Where the place stood before.</param>
    /// <param name="to">Where it stands now. What lies in between and is not handed over is passed over for good.</param>
    /// <param name="lease">The generation of the place.</param>
    void HandedOver(ReadOnlySpan<Delivery> deliveries, ulong from, ulong to, Lease lease);

    /// <summary>Notes that a message came back from a member that left without a word.</summary>
    void Returned(ulong sequence, int attempts, ReadOnlyMemory<byte> message, Lease lease);

    /// <summary>Notes what becomes of messages.</summary>
    /// <param name="settlements">Those to be noted; they are copied.</param>
    /// <param name="lease">The generation of the place.</param>
    /// <returns>Ends when it is remembered, with whether each was; a failure is that of all.</returns>
    Task<bool[]> SettleAsync(IReadOnlyList<TransportSettlement> settlements, Lease lease);

    /// <summary>Moves the place.</summary>
    /// <param name="next">The first message to be delivered.</param>
    /// <returns>Ends, with the generation that begins, when it is remembered. What is noted with an older one afterwards has no effect.</returns>
    Task<Lease> SeekAsync(ulong next);

    /// <summary>Notes what the members have to agree on.</summary>
    /// <returns>Ends when it is remembered.</returns>
    Task SetOptionsAsync(GroupOptions options);

    /// <summary>Notes once more that a message is handed over.</summary>
    void StillHeld(ulong sequence, int retryCount, Lease lease);

    /// <summary>Finds a message that waits for its redelivery and that the log has dropped.</summary>
    /// <returns>Its bytes; null if it was not kept.</returns>
    ReadOnlyMemory<byte>? FindKept(ulong sequence);

    /// <summary>Forgets the place.</summary>
    void Forget();
}
