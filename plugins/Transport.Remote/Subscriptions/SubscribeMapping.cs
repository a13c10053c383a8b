using EventBroker.Client;
using EventBroker.Sdk.Transports;
using DeliveryMode = EventBroker.Sdk.Transports.DeliveryMode;
using SdkOptions = EventBroker.Sdk.Transports.SubscribeOptions;
using SubscribeOptions = EventBroker.Client.SubscribeOptions;

namespace EventBroker.Transport.Remote.Subscriptions;

/// <summary>What this broker's subscriber asked for, as it is asked of the broker behind.</summary>
internal static class SubscribeMapping
{
    /// <summary>Whether the broker behind remembers what is settled; otherwise it need not be told.</summary>
    public static bool TracksSettlement(SdkOptions options) => options.Mode == DeliveryMode.WorkerPool || options.ConsumerId.Length > 0;

    /// <summary>Maps. What the broker behind would refuse and this one does by itself is not asked for.</summary>
    public static SubscribeOptions Map(SdkOptions options, TransportCapabilities capabilities, int maxInFlight) => new()
    {
        WorkerGroup = options.Mode == DeliveryMode.WorkerPool ? options.WorkerGroup : null,
        Start = (SubscriptionStart)(int)options.Start,
        StartTime = options.StartTime,
        MaxAge = capabilities.Has(TransportCapability.MaxAge) ? options.MaxAge : null,
        LatestOnly = options.LatestOnly && capabilities.Has(TransportCapability.LatestOnly),
        BufferSize = options.BufferSize,
        ConsumerId = options.ConsumerId.Length > 0 ? options.ConsumerId : null,

        // Who may have it this broker has decided: the one behind knows all its subscribers by one connection.
        TakeOver = options.ConsumerId.Length > 0,
        ResumeAfter = options.ResumeAfter,
        MaxInFlight = maxInFlight,
        AckTimeout = Leases.Of(options),
        AutoAck = !TracksSettlement(options),
    };
}
