using System.Text.Json;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Remote.Upstream;

/// <summary>What the broker behind can do, as its health details tell of each of its transports.</summary>
internal static class UpstreamCapabilities
{
    private const string Prefix = "transport.";
    private const string CapabilityInfix = ".capability.";
    private const string GuaranteeSuffix = ".guarantee";

    /// <summary>Reads what every transport of the broker behind can do: an event may be carried by any of them.</summary>
    /// <returns>Null if the details tell nothing of the kind, as those of the Go event-server.</returns>
    public static TransportCapabilities? Read(IReadOnlyDictionary<string, string> details, int maxMessageBytes)
    {
        var support = new Dictionary<TransportCapability, CapabilitySupport>();
        var guarantee = DeliveryGuarantee.AtLeastOnce;
        foreach (var (key, value) in details.Where(static d => d.Key.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            if (key.EndsWith(GuaranteeSuffix, StringComparison.Ordinal) && Parse<DeliveryGuarantee>(value) is DeliveryGuarantee.AtMostOnce)
            {
                guarantee = DeliveryGuarantee.AtMostOnce;
            }

            var infix = key.LastIndexOf(CapabilityInfix, StringComparison.Ordinal);
            if (infix >= 0 && Parse<TransportCapability>(key[(infix + CapabilityInfix.Length)..]) is { } capability)
            {
                var seen = Seen(capability, Parse<CapabilitySupport>(value) ?? CapabilitySupport.Unsupported);
                support[capability] = support.TryGetValue(capability, out var other) && other < seen ? other : seen;
            }
        }

        return support.Count == 0 ? null : new TransportCapabilities(guarantee, support) { MaxMessageBytes = maxMessageBytes };
    }

    /// <summary>Gets what can be relied on where the broker behind does not tell: messages reach whoever is subscribed.</summary>
    public static TransportCapabilities Conservative(int maxMessageBytes) => new(
        DeliveryGuarantee.AtMostOnce,
        new Dictionary<TransportCapability, CapabilitySupport>
        {
            [TransportCapability.Broadcast] = CapabilitySupport.Native,
            [TransportCapability.WorkerGroups] = CapabilitySupport.Native,
            [TransportCapability.EventListing] = CapabilitySupport.Native,
            [TransportCapability.Ordering] = CapabilitySupport.Native,

            // The Go event-server takes a nack and delivers nothing again, so this broker does it.
            [TransportCapability.Redelivery] = CapabilitySupport.Emulated,
            [TransportCapability.RedeliveryDelay] = CapabilitySupport.Emulated,
        })
    {
        MaxMessageBytes = maxMessageBytes,
    };

    // What the broker behind does by itself is, seen from here, the backend's doing. But a redelivery that it promises to the same
    // member only must not be promised to the whole group.
    private static CapabilitySupport Seen(TransportCapability capability, CapabilitySupport support) =>
        support == CapabilitySupport.Emulated && capability != TransportCapability.Redelivery ? CapabilitySupport.Native : support;

    private static T? Parse<T>(string kebab)
        where T : struct, Enum
    {
        foreach (var value in Enum.GetValues<T>())
        {
            if (JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString()) == kebab)
            {
                return value;
            }
        }

        return null;
    }
}
