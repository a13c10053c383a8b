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

    /// <inheritdoc cref="BrokerOptions.NackDelay"/>
    [Range(typeof(TimeSpan), "00:00:00", "12:00:00")]
    public TimeSpan NackDelay { get; set; } = Default.NackDelay;

    /// <inheritdoc cref="BrokerOptions.MaxNackDelay"/>
    [Range(typeof(TimeSpan), "00:00:00", "12:00:00")]
    public TimeSpan MaxNackDelay { get; set; } = Default.MaxNackDelay;

    /// <inheritdoc cref="BrokerOptions.MaxWaitingMessages"/>
    [Range(1, 1_000_000)]
    public int MaxWaitingMessages { get; set; } = Default.MaxWaitingMessages;

    /// <inheritdoc cref="BrokerOptions.MaxWaitingBytes"/>
    [Range(1024, 1024 * 1024 * 1024)]
    public int MaxWaitingBytes { get; set; } = Default.MaxWaitingBytes;

    /// <inheritdoc cref="BrokerOptions.CloseTimeout"/>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan CloseTimeout { get; set; } = Default.CloseTimeout;
}
