namespace EventBroker.Client;

/// <summary>What a handler knows of a message besides its value. A test may make one itself to call a handler with.</summary>
public class EventContext
{
    /// <summary>Initializes a context.</summary>
    /// <param name="eventName">The event.</param>
    /// <param name="id">The message's id.</param>
    public EventContext(string eventName, string id)
    {
        EventName = eventName;
        Id = id;
    }

    /// <summary>Gets the event.</summary>
    public string EventName { get; }

    /// <summary>Gets the message's id. A message that comes again has the same.</summary>
    public string Id { get; }

    /// <summary>Gets who published the message, as the publisher says. Default empty.</summary>
    public string Source { get; init; } = "";

    /// <summary>Gets the metadata. Default empty.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = System.Collections.ObjectModel.ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Gets when the broker accepted the message; the Unix epoch if the server did not say.</summary>
    public DateTimeOffset Timestamp { get; init; } = DateTimeOffset.UnixEpoch;

    /// <summary>Gets how often the message was delivered before, to this subscriber or its group; 0 for the first time.</summary>
    public int RetryCount { get; init; }

    /// <summary>Gets how many messages the subscription missed right before this one, because retention removed them first.</summary>
    public long Missed { get; init; }

    /// <summary>Gets or sets the services of the message's own scope; null where the bus was not made by dependency injection.</summary>
    public IServiceProvider? Services { get; set; }

    /// <summary>Gets what tells the handler to stop: its time (<see cref="HandlerOptions.HandlerTimeout"/>) is over, or the subscription
    /// is being stopped and has waited long enough. An <see cref="OperationCanceledException"/> then gives the message back.</summary>
    public CancellationToken CancellationToken { get; init; }
}
