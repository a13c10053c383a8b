using System.ComponentModel.DataAnnotations;

namespace EventBroker.Broker;

/// <summary>Limits and times of a broker, for all protocols alike.</summary>
public sealed class BrokerOptions
{
    /// <summary>The longest ack timeout, nack delay and extension that a subscriber may ask for: 12 hours.</summary>
    public static readonly TimeSpan MaxAckTimeout = TimeSpan.FromHours(12);

    /// <summary>The longest id that a publisher may give a message: 256 bytes of UTF-8.</summary>
    public const int MaxIdBytes = 256;

    /// <summary>Gets or sets the largest message as it is delivered: its encoded form and what a delivery adds (retry count, ack id,
    /// cursor, count of missed messages), in bytes. So whatever is accepted can be taken by a client with this receive limit.</summary>
    /// <value>Default 4 MiB, the limit of gRPC clients; 1 KiB to 256 MiB.</value>
    [Range(1024, 256 * 1024 * 1024)]
    public int MaxMessageBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>Gets or sets how many metadata entries a message may have.</summary>
    /// <value>Default 64; 0 to 10 000.</value>
    [Range(0, 10_000)]
    public int MaxMetadataEntries { get; set; } = 64;

    /// <summary>Gets or sets how large all metadata keys and values of a message may be together, in bytes.</summary>
    /// <value>Default 16 KiB; 0 to 1 MiB.</value>
    [Range(0, 1024 * 1024)]
    public int MaxMetadataBytes { get; set; } = 16 * 1024;

    /// <summary>Gets or sets how many events there may be on one transport; registering one more is refused.</summary>
    /// <value>Default 10 000; 1 to 1 000 000.</value>
    [Range(1, 1_000_000)]
    public int MaxEvents { get; set; } = 10_000;

    /// <summary>Gets or sets how many messages or ack entries one call may hold: <c>PublishBatch</c> and <c>Ack</c>.</summary>
    /// <value>Default 10 000; 1 to 1 000 000.</value>
    [Range(1, 1_000_000)]
    public int MaxItemsPerCall { get; set; } = 10_000;

    /// <summary>Gets or sets how many subscriptions one connection may hold.</summary>
    /// <value>Default 1000; 1 to 100 000.</value>
    [Range(1, 100_000)]
    public int MaxSubscriptionsPerConnection { get; set; } = 1_000;

    /// <summary>Gets or sets how many messages one subscription may hold unsettled; one may ask for less, not for more.</summary>
    /// <value>Default 1000; 1 to 100 000. At the limit the broker stops sending to this subscription until something is
    /// settled; other subscriptions are not affected.</value>
    [Range(1, 100_000)]
    public int MaxInFlight { get; set; } = 1_000;

    /// <summary>Gets or sets how many bytes of messages one subscription may hold unsettled.</summary>
    /// <value>Default 16 MiB; 1 KiB to 1 GiB. A single larger message still passes, alone.</value>
    [Range(1024, 1024 * 1024 * 1024)]
    public int MaxInFlightBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>Gets or sets how long a delivery may stay unsettled, counted from when it was handed to the connection, if the
    /// subscriber does not ask for another time.</summary>
    /// <value>Default 30 s; 1 s to 12 h.</value>
    [Range(typeof(TimeSpan), "00:00:01", "12:00:00")]
    public TimeSpan AckTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets how many messages of one subscription may wait in the broker for their redelivery, where no transport keeps
    /// them meanwhile. At the limit a nack is answered FAILED and nothing more is read for this subscription until something has come back.</summary>
    /// <value>Default 10 000; 1 to 1 000 000.</value>
    [Range(1, 1_000_000)]
    public int MaxWaitingMessages { get; set; } = 10_000;

    /// <summary>Gets or sets how many bytes of messages of one subscription may wait in the broker for their redelivery.</summary>
    /// <value>Default 16 MiB; 1 KiB to 1 GiB. As for <see cref="MaxWaitingMessages"/>.</value>
    [Range(1024, 1024 * 1024 * 1024)]
    public int MaxWaitingBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>Gets or sets how long a message waits that was nacked for the first time without a delay. It doubles with each further attempt.</summary>
    /// <value>Default 100 ms; 0 to 12 h. With 0 a message that always fails goes round as fast as its subscriber nacks it.</value>
    [Range(typeof(TimeSpan), "00:00:00", "12:00:00")]
    public TimeSpan NackDelay { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Gets or sets how far <see cref="NackDelay"/> grows.</summary>
    /// <value>Default 30 s; 0 to 12 h.</value>
    [Range(typeof(TimeSpan), "00:00:00", "12:00:00")]
    public TimeSpan MaxNackDelay { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets how long a subscription that ends waits for its transport to take back what is unsettled, and for its connection
    /// to take what is being written, before the one is left to the backend's own means and the other is cut.</summary>
    /// <value>Default 5 s; 100 ms to 10 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(5);
}
