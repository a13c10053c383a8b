using System.ComponentModel.DataAnnotations;
using EventBroker.Broker;

namespace EventBroker.Host.Configuration;

/// <summary>The part of <see cref="BrokerOptions"/> that says how messages are delivered; defaults and ranges are explained there.</summary>
public sealed class DeliverySettings
{
    private static readonly BrokerOptions Default = new();

    /// <inheritdoc cref="BrokerOptions.MaxInFlight"/>
    [Range(1, 100_000)]
    public int MaxInFlight { get; set; } = Default.MaxInFlight;

    /// <inheritdoc cref="BrokerOptions.MaxInFlightBytes"/>
    [Range(1024, 1024 * 1024 * 1024)]
    public int MaxInFlightBytes { get; set; } = Default.MaxInFlightBytes;

    /// <inheritdoc cref="BrokerOptions.AckTimeout"/>
    [Range(typeof(TimeSpan), "00:00:01", "12:00:00")]
    public TimeSpan AckTimeout { get; set; } = Default.AckTimeout;
}
