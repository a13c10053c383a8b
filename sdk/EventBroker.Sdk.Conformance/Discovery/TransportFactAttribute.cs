using EventBroker.Sdk.Transports;
using Xunit;
using Xunit.v3;

namespace EventBroker.Sdk.Conformance.Discovery;

/// <summary>A test that runs over transports that declare what it needs. Over the others it is not there at all: what a
/// transport does not do is no test left out, and that it is refused has a test of its own.</summary>
[XunitTestCaseDiscoverer(typeof(TransportFactDiscoverer))]
[AttributeUsage(AttributeTargets.Method)]
public sealed class TransportFactAttribute : FactAttribute, IDeclaredNeeds
{
    /// <summary>Initializes the attribute.</summary>
    /// <param name="needs">What must be declared; the first is what the test proves.</param>
    public TransportFactAttribute(params TransportCapability[] needs)
    {
        Needs = needs;
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
