using System.ComponentModel.DataAnnotations;
using EventBroker.Sdk.Settings;

namespace EventBroker.Transport.Log;

/// <summary>Where the log transport keeps its file, how much, and for how long.</summary>
/// <remarks>Messages are stored in the batches that they were committed in. Age and count hold exactly for what subscribers can see;
/// bytes are given back by whole batches.</remarks>
public sealed class LogSettings
{
    /// <summary>Gets or sets the folder of the log. It is made if it does not exist, and belongs to one broker at a time.</summary>
    /// <value>Required. A relative path counts from the working directory.</value>
    [Required]
    public string Directory { get; set; } = "";

    /// <summary>Gets or sets what an answered publish or settlement survives.</summary>
    /// <value>Default <c>full</c>: on the disk. <c>relaxed</c>: with the operating system, several times as fast for a single
    /// publisher; what was answered in the last seconds before a power failure may be lost.</value>
    public Durability Durability { get; set; } = Durability.Full;

    /// <summary>Gets or sets how long a message is kept.</summary>
    /// <value>Default 7 days; 1 s to 3650 days. Measured from when the transport accepted the message.</value>
    [Range(typeof(TimeSpan), "00:00:01", "3650.00:00:00")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Gets or sets how many bytes of messages an event keeps.</summary>
    /// <value>Default 4 GiB; 4 KiB to 1024 TiB. Each message counts with its encoded size. The newest batch is kept whatever its size.</value>
    [Range(typeof(ByteSize), "4KiB", "1024TiB")]
    public ByteSize MaxBytesPerEvent { get; set; } = ByteSize.FromMebibytes(4096);

    /// <summary>Gets or sets how many messages an event keeps.</summary>
    /// <value>Default 1 000 000 000; 1 to 1 000 000 000 000.</value>
    [Range(1, 1_000_000_000_000)]
    public long MaxMessagesPerEvent { get; set; } = 1_000_000_000;

    /// <summary>Gets or sets how many bytes of messages all events keep together.</summary>
    /// <value>Default 16 GiB; 64 KiB to 1024 TiB. Above it the oldest batch among all events goes; a publish is never refused for it.</value>
    [Range(typeof(ByteSize), "64KiB", "1024TiB")]
    public ByteSize MaxTotalBytes { get; set; } = ByteSize.FromMebibytes(16384);

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
    /// <value>Default 30 days; 1 min to 3650 days. Measured from when the last member left, or from when the last redelivery came due if
    /// that is later; anew from each start of the broker. A group that comes again afterwards is a new one.</value>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan GroupExpiry { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Gets or sets how much memory may be held by messages that wait for their redelivery, over all events.</summary>
    /// <value>Default 256 MiB; 64 KiB to 16 TiB. Each message counts 128 bytes for its place in the queue, since its content stays on
    /// the disk. While there is more, a nack with a delay is refused with RESOURCE_EXHAUSTED, and a group or consumer id that has something
    /// waiting gets no new messages.</value>
    [Range(typeof(ByteSize), "64KiB", "16TiB")]
    public ByteSize MaxWaitingBytes { get; set; } = ByteSize.FromMebibytes(256);

    /// <summary>Gets or sets how long the id that a publisher gave is remembered, so that a second message with it is dropped. An event
    /// may be registered with another window.</summary>
    /// <value>Default 2 min; 1 s to 30 days.</value>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan DeduplicationWindow { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Gets or sets how many ids are remembered over all events, at about 80 bytes of memory each.</summary>
    /// <value>Default 2 000 000; 1000 to 1 000 000 000. Above it the oldest of the event that is published to are forgotten before their
    /// window is over; health counts them as <c>forgotten_ids</c>.</value>
    [Range(1_000, 1_000_000_000)]
    public int MaxRememberedIds { get; set; } = 2_000_000;

    /// <summary>Gets or sets how much memory is used for messages that were just written or read, over all events.</summary>
    /// <value>Default 128 MiB; 1 MiB to 1 TiB. Subscribers that keep up are served from it without a look at the disk.</value>
    [Range(typeof(ByteSize), "1MiB", "1TiB")]
    public ByteSize CacheBytes { get; set; } = ByteSize.FromMebibytes(128);

    /// <summary>Gets or sets how much of the disk is set aside, so that subscribers and settlements go on when it is full.</summary>
    /// <value>Default 16 MiB; 1 MiB to 1 TiB.</value>
    [Range(typeof(ByteSize), "1MiB", "1TiB")]
    public ByteSize ReservedBytes { get; set; } = ByteSize.FromMebibytes(16);
}
