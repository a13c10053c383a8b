namespace EventBroker.Client;

/// <summary>A message to publish.</summary>
public sealed class OutgoingMessage
{
    /// <summary>Gets the id. Default null: the transport makes one, so that every attempt carries the same.</summary>
    public string? Id { get; init; }

    /// <summary>Gets the payload. Default empty. It must not change until the publish has ended.</summary>
    public ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>Gets the metadata. Default null: none. The transport adds <c>traceparent</c> and <c>tracestate</c> of the current
    /// activity unless they are there; they count among the entries that the broker takes.</summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>Gets who publishes. Default null: <see cref="RemoteTransportOptions.Source"/>. Goes into a header: no
    /// control characters.</summary>
    public string? Source { get; init; }
}
