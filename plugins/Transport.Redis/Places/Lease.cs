using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Redis.Places;

/// <summary>What deliveries of a place carry: under which consumer they were read, and before or after the place was last moved.</summary>
internal sealed record Lease(string Consumer, string Epoch)
{
    public static bool IsOf(in Delivery delivery, string consumer) => delivery.Handle is Lease lease && lease.Consumer == consumer;
}
