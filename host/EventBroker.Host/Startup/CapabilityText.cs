using EventBroker.Broker.Capabilities;
using EventBroker.Sdk.Transports;

namespace EventBroker.Host.Startup;

// What a transport can do, in words for people.
internal static class CapabilityText
{
    public static string Guarantee(TransportCapabilities capabilities) =>
        capabilities.Guarantee == DeliveryGuarantee.AtLeastOnce ? "at least once" : "at most once";

    // Empty if there is none.
    public static string List(EffectiveCapabilities capabilities, CapabilitySupport support) => string.Join(
        ", ", Enum.GetValues<TransportCapability>().Where(c => capabilities[c] == support).Select(static c => Words(c.ToString())));

    private static string Words(string name) =>
        string.Concat(name.Select(static (c, at) => char.IsUpper(c) && at > 0 ? $" {char.ToLowerInvariant(c)}" : char.ToLowerInvariant(c).ToString()));
}
