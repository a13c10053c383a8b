using EventBroker.Sdk.Transports;

namespace EventBroker.Sdk.Conformance.Discovery;

/// <summary>What a transport must declare, or must not, for a test to be about it.</summary>
public interface IDeclaredNeeds
{
    /// <summary>Gets what must be declared; the first is what the test proves.</summary>
    IReadOnlyList<TransportCapability> Needs { get; }

    /// <summary>Gets whether the test is about transports that do not declare the first capability, or that of the row, or do not know the
    /// option of the row: it proves that what needs it is refused or left to the broker.</summary>
    bool Undeclared { get; }

    /// <summary>Gets which options of an event must be known.</summary>
    EventOption[] Options { get; }

    /// <summary>Gets whether the transport must keep what nobody is there to take.</summary>
    bool KeepsMessages { get; }

    /// <summary>Gets whether the backend must remember a single place (<see cref="TransportCapabilities.RemembersSinglePlace"/>).</summary>
    bool SinglePlace { get; }

    /// <summary>Gets whether the backend must take no larger messages than it says.</summary>
    bool LimitsMessages { get; }

    /// <summary>Gets whether there must be a backend outside of the transport's process, which other hosts reach too and which can go away.</summary>
    bool Backend { get; }
}
