using EventBroker.Client;
using DeliveryMode = EventBroker.Sdk.Transports.DeliveryMode;
using SdkOptions = EventBroker.Sdk.Transports.SubscribeOptions;

namespace EventBroker.Transport.Remote.Subscriptions;

/// <summary>What this broker's subscriber asked for, as it is asked of the broker behind.</summary>
internal static class SubscribeMapping
{
    // The deadline that counts is this broker's. When its stream ends, the broker behind takes everything back at once.
    private static readonly TimeSpan LongestAckTimeout = TimeSpan.FromHours(12);

    /// <summary>Whether the broker behind remembers what is settled; otherwise it need not be told.</summary>
    public static bool TracksCompletion(SdkOptions options) => options.Mode == DeliveryMode.WorkerPool || options.ConsumerId.Length > 0;

    public static SubscribeOptions Map(SdkOptions options, int? maxInFlight) => new()
    {
        WorkerGroup = options.Mode == DeliveryMode.WorkerPool ? options.WorkerGroup : null,
        Start = (SubscriptionStart)(int)options.Start,
        StartTime = options.StartTime,
        MaxAge = options.MaxAge,
        LatestOnly = options.LatestOnly,
        BufferSize = options.BufferSize,
        ConsumerId = options.ConsumerId.Length > 0 ? options.ConsumerId : null,
        ResumeAfter = options.ResumeAfter,
        MaxInFlight = maxInFlight,
        AckTimeout = LongestAckTimeout,
        AutoAck = !TracksCompletion(options),
    };
}
