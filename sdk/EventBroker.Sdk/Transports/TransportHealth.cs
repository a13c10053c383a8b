using System.Collections.ObjectModel;

namespace EventBroker.Sdk.Transports;

/// <summary>The answer of a backend to a health check.</summary>
public sealed class TransportHealth
{
    /// <summary>Gets the state.</summary>
    public required TransportHealthStatus Status { get; init; }

    /// <summary>Gets a sentence for the operator; empty when there is nothing to say. No secrets.</summary>
    public string Message { get; init; } = "";

    /// <summary>Gets figures worth showing, such as <c>events</c> or <c>retained_bytes</c>. No secrets.</summary>
    public IReadOnlyDictionary<string, string> Details { get; init; } = ReadOnlyDictionary<string, string>.Empty;
}
