using System.ComponentModel.DataAnnotations;
using EventBroker.Sdk.Settings;

namespace EventBroker.Transport.Memory;

/// <summary>How much the memory transport keeps, and for how long.</summary>
/// <remarks>Limits on messages hold exactly for what subscribers can see; memory is given back in slabs (4 to 256 KiB), so
/// that an event holds at most about one slab more than its limits say.</remarks>
public sealed class MemorySettings
{
    /// <summary>Gets or sets how long a message is kept.</summary>
    /// <value>Default 1 h; 1 s to 3650 days. Measured from when the transport accepted the message.</value>
    [Range(typeof(TimeSpan), "00:00:01", "3650.00:00:00")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Gets or sets how many bytes of messages an event keeps.</summary>
    /// <value>Default 64 MiB; 4 KiB to 1 TiB. Each message counts with its encoded size and 16 bytes for its place in the
    /// index. The newest message is kept whatever its size.</value>
    [Range(typeof(ByteSize), "4KiB", "1TiB")]
    public ByteSize MaxBytesPerEvent { get; set; } = ByteSize.FromMebibytes(64);

    /// <summary>Gets or sets how many messages an event keeps.</summary>
    /// <value>Default 1 000 000; 1 to 1 000 000 000.</value>
    [Range(1, 1_000_000_000)]
    public int MaxMessagesPerEvent { get; set; } = 1_000_000;

    /// <summary>Gets or sets how much memory the messages of all events hold together: slabs and their indexes.</summary>
    /// <value>Default 1 GiB; 64 KiB to 16 TiB. Above it the oldest slab among all events goes; a publish is never refused.</value>
    [Range(typeof(ByteSize), "64KiB", "16TiB")]
    public ByteSize MaxTotalBytes { get; set; } = ByteSize.FromMebibytes(1024);

    /// <summary>Gets or sets how many events there may be; registering one more is refused.</summary>
    /// <value>Default 10 000; 1 to 1 000 000.</value>
    [Range(1, 1_000_000)]
    public int MaxEvents { get; set; } = 10_000;

    /// <summary>Gets or sets how many consumer ids an event remembers that have no open subscription. Above it the one that
    /// closed longest ago is forgotten.</summary>
    /// <value>Default 10 000; 1 to 1 000 000. A forgotten consumer id starts anew.</value>
    [Range(1, 1_000_000)]
    public int MaxConsumersPerEvent { get; set; } = 10_000;

    /// <summary>Gets or sets how many worker groups an event may have; a subscription that would make one more is refused.</summary>
    /// <value>Default 1000; 1 to 100 000. Groups that have expired do not count: see <see cref="GroupExpiry"/>.</value>
    [Range(1, 100_000)]
    public int MaxGroupsPerEvent { get; set; } = 1_000;

    /// <summary>Gets or sets how long a worker group without members is remembered, with what waits there for its redelivery.</summary>
    /// <value>Default 24 h; 1 min to 3650 days. Measured from when the last member left, or from when the last redelivery came due if
    /// that is later. A group that comes again afterwards is a new one.</value>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan GroupExpiry { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Gets or sets how much memory may be held by messages that wait for their redelivery, over all events.</summary>
    /// <value>Default 256 MiB; 64 KiB to 16 TiB. Each message counts with its encoded size and 128 bytes for its place in the queue. While
    /// there is more, a nack with a delay is refused with RESOURCE_EXHAUSTED, and a group or consumer id that has something waiting gets
    /// no new messages; what is given back without a delay is always taken, and nothing comes before its time.</value>
    [Range(typeof(ByteSize), "64KiB", "16TiB")]
    public ByteSize MaxWaitingBytes { get; set; } = ByteSize.FromMebibytes(256);
}
