using EventBroker.Sdk.Transports;

namespace EventBroker.Sdk.Conformance.Reporting;

/// <summary>What a run has shown of one capability.</summary>
public sealed class CapabilityProof
{
    /// <summary>Gets the capability.</summary>
    public required TransportCapability Capability { get; init; }

    /// <summary>Gets whether the transport declares it.</summary>
    public required bool IsDeclared { get; init; }

    /// <summary>Gets the tests that have passed: that the transport does it where it is declared, that it is refused or left to the broker otherwise.</summary>
    public required IReadOnlyList<string> Tests { get; init; }

    /// <summary>Gets the tests that were skipped at least in part, with the reasons.</summary>
    public required IReadOnlyDictionary<string, string> Skipped { get; init; }
}
