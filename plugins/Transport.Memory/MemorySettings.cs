using System.ComponentModel.DataAnnotations;
using EventBroker.Sdk.Settings;

namespace EventBroker.Transport.Memory;

/// <summary>How much the memory transport keeps, and for how long.</summary>
/// <remarks>Limits on messages hold exactly for what subscribers can see; memory is given back in slabs (4 to 256 KiB), so
/// that an event holds at most about one slab more than its limits say.</remarks>
public sealed class MemorySettings
{
    /// <summary>Gets or sets how long a message is kept.</summary>
    /// <value>Default 1 h; 1 s to 365 days. Measured from when the transport accepted the message.</value>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
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

    /// <summary>Gets or sets how much memory all events hold together: slabs, their indexes, and messages that wait for
    /// their redelivery.</summary>
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
    /// <value>Default 1000; 1 to 100 000. A group lives until its event is unregistered.</value>
    [Range(1, 100_000)]
    public int MaxGroupsPerEvent { get; set; } = 1_000;
}
