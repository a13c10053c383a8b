using System.Text.Json;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Remote.Subscriptions;

namespace EventBroker.Transport.Remote.Upstream;

/// <summary>What the broker behind can do, as its health details tell of each of its transports.</summary>
internal static class UpstreamCapabilities
{
    private const string Prefix = "transport.";
    private const string CapabilityInfix = ".capability.";
    private const string GuaranteeSuffix = ".guarantee";
    private const string Native = "native";
    private const string Emulated = "emulated";

    // What the client has no calls or fields for, whatever the broker behind can do: a duplicate is dropped there, but the answer does not
    // say so.
    private static readonly TransportCapability[] NotPassedOn =
    [
        TransportCapability.Deduplication,
        TransportCapability.EventDescription,
        TransportCapability.Seek,
        TransportCapability.OrderingKeys,
        TransportCapability.DelayedPublish,
    ];

    /// <summary>Reads what every transport of the broker behind can do: an event may be carried by any of them.</summary>
    /// <returns>Null if the details tell nothing of the kind, as those of the Go event-server.</returns>
    public static TransportCapabilities? Read(IReadOnlyDictionary<string, string> details, int maxMessageBytes)
    {
        var transports = new Dictionary<string, HashSet<TransportCapability>>(StringComparer.Ordinal);
        var guarantee = DeliveryGuarantee.AtLeastOnce;
        foreach (var (key, value) in details.Where(static d => d.Key.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            if (key.EndsWith(GuaranteeSuffix, StringComparison.Ordinal) && Parse<DeliveryGuarantee>(value) is DeliveryGuarantee.AtMostOnce)
            {
                guarantee = DeliveryGuarantee.AtMostOnce;
            }

            var infix = key.LastIndexOf(CapabilityInfix, StringComparison.Ordinal);
            if (infix < 0)
            {
                continue;
            }

            var name = key[..infix];
            if (!transports.TryGetValue(name, out var able))
            {
                transports[name] = able = [];
            }

            if (Parse<TransportCapability>(key[(infix + CapabilityInfix.Length)..]) is { } capability && IsDeclaredHere(capability, value))
            {
                able.Add(capability);
            }
        }

        if (transports.Count == 0)
        {
            return null;
        }

        var common = Enum.GetValues<TransportCapability>().Where(c => transports.Values.All(able => able.Contains(c))).ToHashSet();
        if (!common.Contains(TransportCapability.Redelivery))
        {
            // A delay is for what is given back.
            common.Remove(TransportCapability.RedeliveryDelay);
        }

        return new TransportCapabilities(guarantee, common)
        {
            MaxMessageBytes = maxMessageBytes,
            RenewalInterval = Leases.RenewalInterval,
        };
    }

    /// <summary>Gets what can be relied on where the broker behind does not tell: messages reach whoever is subscribed. The Go event-server
    /// takes a nack and delivers nothing again, so this broker does it.</summary>
    public static TransportCapabilities Conservative(int maxMessageBytes) => new(
        DeliveryGuarantee.AtMostOnce,
        TransportCapability.Broadcast,
        TransportCapability.WorkerGroups,
        TransportCapability.EventListing,
        TransportCapability.Ordering)
    {
        MaxMessageBytes = maxMessageBytes,
    };

    // What the broker behind does by itself is, seen from here, the backend's doing. But a redelivery that it promises to the same
    // member only must not be promised to the whole group.
    private static bool IsDeclaredHere(TransportCapability capability, string support) =>
        !NotPassedOn.Contains(capability)
        && (support == Native || (support == Emulated && capability != TransportCapability.Redelivery));

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
