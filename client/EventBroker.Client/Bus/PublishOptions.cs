namespace EventBroker.Client;

/// <summary>What surrounds a value that is published.</summary>
public sealed class PublishOptions
{
    /// <summary>Gets the message's id. Default null: one is made.</summary>
    public string? Id { get; init; }

    /// <summary>Gets the metadata. Default null: none of the program's own. The codec's content type is added as <c>content-type</c>
    /// unless it is there.</summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>Gets who publishes. Default null: <see cref="RemoteTransportOptions.Source"/>.</summary>
    public string? Source { get; init; }
}
