namespace EventBroker.Transport.Log.Storage;

/// <summary>A row of the table <c>batches</c>.</summary>
/// <param name="First">The number of its first message.</param>
/// <param name="Count">How many messages it holds.</param>
/// <param name="AcceptedTicks">When they were accepted.</param>
/// <param name="Body">The messages (<see cref="BatchFormat"/>).</param>
internal readonly record struct StoredBatch(ulong First, int Count, long AcceptedTicks, byte[] Body)
{
    public ulong End => First + (ulong)Count;
}
