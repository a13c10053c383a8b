using EventBroker.Sdk.Transports;
using Xunit;
using Xunit.v3;

namespace EventBroker.Sdk.Conformance.Discovery;

/// <summary>A <see cref="TransportFactAttribute"/> with rows of data, some of which may be there and others not: a row with a
/// <see cref="PlaceKind"/>, a <see cref="TransportCapability"/> or an <see cref="EventOption"/> needs that one, too.</summary>
[XunitTestCaseDiscoverer(typeof(TransportTheoryDiscoverer))]
[AttributeUsage(AttributeTargets.Method)]
public sealed class TransportTheoryAttribute : TheoryAttribute, IDeclaredNeeds
{
    /// <summary>Initializes the attribute.</summary>
    /// <param name="needs">What must be declared; the first is what the test proves.</param>
    public TransportTheoryAttribute(params TransportCapability[] needs)
    {
        Needs = needs;

        // Which rows are there is known when the transport is.
        DisableDiscoveryEnumeration = true;
    }

    /// <inheritdoc/>
    public IReadOnlyList<TransportCapability> Needs { get; }

    /// <inheritdoc/>
    public bool Undeclared { get; set; }

    /// <inheritdoc/>
    public EventOption[] Options { get; set; } = [];

    /// <inheritdoc/>
    public bool KeepsMessages { get; set; }

    /// <inheritdoc/>
    public bool SinglePlace { get; set; }

    /// <inheritdoc/>
    public bool LimitsMessages { get; set; }

    /// <inheritdoc/>
    public bool Backend { get; set; }
}
