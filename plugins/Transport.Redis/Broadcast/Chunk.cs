using EventBroker.Sdk.Messages;
using EventBroker.Transport.Redis.Messages;

namespace EventBroker.Transport.Redis.Broadcast;

/// <summary>Messages that were read in one call.</summary>
/// <param name="Entries">The messages, ascending.</param>
/// <param name="Epoch">Counts the generations of the stream as this host has met them.</param>
/// <param name="Number">The chunk's place among those of the reader.</param>
internal sealed record Chunk(ReadEntry[] Entries, long Epoch, long Number)
{
    public Position Last => Entries[^1].Position;

    public long Bytes { get; } = Entries.Sum(static e => (long)e.Message.Length);
}
