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
}
