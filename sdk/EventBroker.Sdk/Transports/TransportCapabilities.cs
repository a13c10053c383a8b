using System.Collections.Frozen;

namespace EventBroker.Sdk.Transports;

/// <summary>What a transport can do. Whatever is not named is unsupported. Health details, documentation and the
/// broker's refusals come from here, and the conformance suite proves each claim.</summary>
public sealed class TransportCapabilities
{
    private readonly FrozenDictionary<TransportCapability, CapabilitySupport> _support;

    /// <summary>Initializes the declaration.</summary>
    /// <param name="guarantee">What the transport promises of an answered publish.</param>
    /// <param name="support">The capabilities it has, and how they come about.</param>
    public TransportCapabilities(
        DeliveryGuarantee guarantee, IReadOnlyDictionary<TransportCapability, CapabilitySupport> support)
    {
        Guarantee = guarantee;
        _support = support.ToFrozenDictionary();
    }

    /// <summary>Gets what the transport promises of an answered publish.</summary>
    public DeliveryGuarantee Guarantee { get; }

    /// <summary>Gets the largest encoded message that the backend takes, in bytes; null if only the broker's own limit counts.</summary>
    public int? MaxMessageBytes { get; init; }

    /// <summary>Tells how a capability comes about.</summary>
    /// <param name="capability">The capability.</param>
    /// <returns>Its support; <see cref="CapabilitySupport.Unsupported"/> if it was not declared.</returns>
    public CapabilitySupport this[TransportCapability capability] => _support.GetValueOrDefault(capability);
}
