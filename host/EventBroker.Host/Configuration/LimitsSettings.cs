using System.ComponentModel.DataAnnotations;
using EventBroker.Broker;

namespace EventBroker.Host.Configuration;

/// <summary>The part of <see cref="BrokerOptions"/> that says what the broker refuses; defaults and ranges are explained there.</summary>
public sealed class LimitsSettings
{
    private static readonly BrokerOptions Default = new();

    /// <inheritdoc cref="BrokerOptions.MaxMessageBytes"/>
    [Range(1024, 256 * 1024 * 1024)]
    public int MaxMessageBytes { get; set; } = Default.MaxMessageBytes;

    /// <inheritdoc cref="BrokerOptions.MaxMetadataEntries"/>
    [Range(0, 10_000)]
    public int MaxMetadataEntries { get; set; } = Default.MaxMetadataEntries;

    /// <inheritdoc cref="BrokerOptions.MaxMetadataBytes"/>
    [Range(0, 1024 * 1024)]
    public int MaxMetadataBytes { get; set; } = Default.MaxMetadataBytes;

    /// <inheritdoc cref="BrokerOptions.MaxEvents"/>
    [Range(1, 1_000_000)]
    public int MaxEvents { get; set; } = Default.MaxEvents;

    /// <inheritdoc cref="BrokerOptions.MaxItemsPerCall"/>
    [Range(1, 1_000_000)]
    public int MaxItemsPerCall { get; set; } = Default.MaxItemsPerCall;

    /// <inheritdoc cref="BrokerOptions.MaxSubscriptionsPerConnection"/>
    [Range(1, 100_000)]
    public int MaxSubscriptionsPerConnection { get; set; } = Default.MaxSubscriptionsPerConnection;

    /// <summary>Gets or sets how many connections there may be at once; one more is closed at once.</summary>
    /// <value>Default 10 000; 1 to 1 000 000.</value>
    [Range(1, 1_000_000)]
    public int MaxConnections { get; set; } = 10_000;

    /// <summary>Gets or sets how many calls and streams one HTTP/2 connection may carry at once; further ones wait in the client.</summary>
    /// <value>Default 10 000, since one connection may carry the subscriptions and publishes of a whole program; 1 to 100 000.</value>
    [Range(1, 100_000)]
    public int MaxStreamsPerConnection { get; set; } = 10_000;

    /// <summary>Gets or sets how long the headers of a request may take to arrive.</summary>
    /// <value>Default 15 s; 1 s to 10 min.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan HeaderTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Gets or sets how fast a request's body must arrive at least, and over HTTP/1.1 its answer be taken, in bytes a second.
    /// Streams are exempt. Measured after a grace of 5 s.</summary>
    /// <value>Default 240; 0, which is no rate, to 1 GiB.</value>
    [Range(0, 1024 * 1024 * 1024)]
    public int MinBytesPerSecond { get; set; } = 240;
}
