namespace EventBroker.Client;

/// <summary>A value on its way to the broker, as the middleware of <see cref="EventBusOptions.UsePublish"/> sees it.</summary>
public sealed class PublishContext
{
    internal PublishContext(string eventName, object value, PublishOptions? options)
    {
        EventName = eventName;
        Value = value;
        Id = options?.Id;
        Source = options?.Source;
        Metadata = options?.Metadata is { } metadata ? new Dictionary<string, string>(metadata) : [];
    }

    /// <summary>Gets the event.</summary>
    public string EventName { get; }

    /// <summary>Gets the value.</summary>
    public object Value { get; }

    /// <summary>Gets or sets the message's id; null, until it is published, for one that is made.</summary>
    public string? Id { get; set; }

    /// <summary>Gets or sets who publishes; null for <see cref="RemoteTransportOptions.Source"/>.</summary>
    public string? Source { get; set; }

    /// <summary>Gets the metadata, to be added to. The codec's content type is added behind it.</summary>
    public IDictionary<string, string> Metadata { get; }

    internal PublishOptions ToOptions() => new()
    {
        Id = Id,
        Source = Source,
        Metadata = Metadata.Count > 0 ? (Dictionary<string, string>)Metadata : null,
    };
}
