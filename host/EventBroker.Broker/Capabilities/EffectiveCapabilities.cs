using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Capabilities;

/// <summary>What can be done over a transport: what it declares, and what the broker adds to any transport. The one table that health,
/// the banner, the documentation and refusals come from.</summary>
public sealed class EffectiveCapabilities
{
    // What the core does by itself, whatever carries the messages.
    private static readonly TransportCapability[] Emulated =
    [
        TransportCapability.Redelivery,
        TransportCapability.RedeliveryDelay,
        TransportCapability.MaxAge,
        TransportCapability.LatestOnly,
    ];

    private readonly TransportCapabilities _declared;

    private EffectiveCapabilities(TransportCapabilities declared) => _declared = declared;

    /// <summary>Tells how a capability comes about.</summary>
    /// <param name="capability">The capability.</param>
    /// <returns>Its support.</returns>
    public CapabilitySupport this[TransportCapability capability] =>
        _declared.Has(capability) ? CapabilitySupport.Native
        : Array.IndexOf(Emulated, capability) >= 0 ? CapabilitySupport.Emulated
        : CapabilitySupport.Unsupported;

    /// <summary>Adds what the broker does to what a transport declares.</summary>
    /// <param name="declared">The transport's declaration.</param>
    /// <returns>The whole.</returns>
    public static EffectiveCapabilities Of(TransportCapabilities declared) => new(declared);

    /// <summary>Tells whether something can be done at all.</summary>
    /// <param name="capability">The capability.</param>
    /// <returns>Whether the transport or the broker does it.</returns>
    public bool Has(TransportCapability capability) => this[capability] != CapabilitySupport.Unsupported;
}
