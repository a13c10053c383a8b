namespace EventBroker.Transport.Log.Writing;

/// <summary>A stored batch without its messages.</summary>
/// <param name="First">The number of its first message.</param>
/// <param name="Count">How many messages it holds.</param>
/// <param name="Bytes">How many bytes they have.</param>
/// <param name="AcceptedTicks">When they were accepted.</param>
internal readonly record struct StoredBatchInfo(ulong First, int Count, long Bytes, long AcceptedTicks)
{
    public ulong End => First + (ulong)Count;
}
