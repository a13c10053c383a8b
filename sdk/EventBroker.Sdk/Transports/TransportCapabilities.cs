using System.Collections.Frozen;

namespace EventBroker.Sdk.Transports;

/// <summary>What a transport does by itself. The broker adds what it does on top, refuses the rest by name, and shows all of it to operators;
/// the conformance suite proves each claim, and that what is not claimed is refused.</summary>
public sealed class TransportCapabilities
{
    private readonly FrozenSet<TransportCapability> _declared;

    /// <summary>Initializes the declaration.</summary>
    /// <param name="guarantee">What the transport promises of an answered publish.</param>
    /// <param name="declared">What it does, by name; whatever is not named it does not do.</param>
    public TransportCapabilities(DeliveryGuarantee guarantee, params IEnumerable<TransportCapability> declared)
    {
        Guarantee = guarantee;
        _declared = declared.ToFrozenSet();
    }

    /// <summary>Gets what the transport promises of an answered publish.</summary>
    public DeliveryGuarantee Guarantee { get; }

    /// <summary>Gets what the transport does, in the order of the enumeration.</summary>
    public IReadOnlyList<TransportCapability> Declared => [.. _declared.Order()];

    /// <summary>Gets the largest encoded message that the backend takes, in bytes; null if only the broker's own limit counts.</summary>
    public int? MaxMessageBytes { get; init; }

    /// <summary>Gets the longest cursor that the transport makes, in characters, which the broker sets aside when it bounds what can be
    /// published. Default <see cref="ResumeCursor.MaxLength"/>.</summary>
    public int MaxCursorLength { get; init; } = ResumeCursor.MaxLength;

    /// <summary>Gets how often the broker must renew what it holds so that the backend does not deliver it elsewhere; null (the default)
    /// where the backend does nothing of the kind.</summary>
    public TimeSpan? RenewalInterval { get; init; }

    /// <summary>Gets whether the backend remembers a single place for a group or consumer id (a Kafka offset): completions behind one
    /// that is missing are stored only with it. Shown to operators. Default false.</summary>
    public bool RemembersSinglePlace { get; init; }

    /// <summary>Gets how far reading may run ahead of the place that the backend remembers, in messages, where it remembers a single one.
    /// Default 100 000.</summary>
    public int MaxUnsettledSpan { get; init; } = 100_000;

    /// <summary>Gets which options of <see cref="EventOptions"/> the transport knows; the broker refuses the others by name. By default none.</summary>
    public IReadOnlySet<EventOption> EventOptions { get; init; } = FrozenSet<EventOption>.Empty;

    /// <summary>Tells whether the transport does something by itself.</summary>
    /// <param name="capability">The capability.</param>
    /// <returns>Whether it was declared.</returns>
    public bool Has(TransportCapability capability) => _declared.Contains(capability);
}
