using SdkOptions = EventBroker.Sdk.Transports.SubscribeOptions;

namespace EventBroker.Transport.Remote.Subscriptions;

/// <summary>How long the broker behind leaves a message to this one. The deadline that subscribers see is this broker's, so the one behind
/// must not be faster; but when this broker is stopped or frozen, the messages go to others soon after.</summary>
internal static class Leases
{
    /// <summary>How often what is held is asked for anew.</summary>
    public static readonly TimeSpan RenewalInterval = Margin / 3;

    private static readonly TimeSpan Longest = TimeSpan.FromHours(12);

    private static TimeSpan Margin => TimeSpan.FromMinutes(5);

    /// <summary>Gets the ack timeout to ask the broker behind for.</summary>
    public static TimeSpan Of(SdkOptions options)
    {
        var lease = options.AckTimeout + Margin;
        return lease < Longest ? lease : Longest;
    }
}
