using System.Collections.ObjectModel;
using EventBroker.Client.Bus;

namespace EventBroker.Client;

/// <summary>What a handler knows of a message besides its value. A test may make one itself to call a handler with.</summary>
public class EventContext
{
    // Where what was not set comes from; decoded when the handler asks for it.
    private readonly Delivery? _delivery;
    private readonly Handling? _handling;
    private readonly CancellationToken _cancellationToken;
    private readonly string? _source;
    private readonly IReadOnlyDictionary<string, string>? _metadata;
    private readonly DateTimeOffset? _timestamp;

    /// <summary>Initializes a context.</summary>
    /// <param name="eventName">The event.</param>
    /// <param name="id">The message's id.</param>
    public EventContext(string eventName, string id)
    {
        EventName = eventName;
        Id = id;
    }

    internal EventContext(Delivery delivery, Handling handling)
        : this(delivery.EventName, delivery.Id)
    {
        _delivery = delivery;
        _handling = handling;
        RetryCount = delivery.RetryCount;
        Missed = delivery.Missed;
    }

    /// <summary>Gets the event.</summary>
    public string EventName { get; }

    /// <summary>Gets the message's id. A message that comes again has the same.</summary>
    public string Id { get; }

    /// <summary>Gets who published the message, as the publisher says. Default empty.</summary>
    public string Source
    {
        get => _source ?? _delivery?.Source ?? "";
        init => _source = value;
    }

    /// <summary>Gets the metadata. Default empty.</summary>
    public IReadOnlyDictionary<string, string> Metadata
    {
        get => _metadata ?? _delivery?.Metadata ?? ReadOnlyDictionary<string, string>.Empty;
        init => _metadata = value;
    }

    /// <summary>Gets when the broker accepted the message; the Unix epoch if the server did not say.</summary>
    public DateTimeOffset Timestamp
    {
        get => _timestamp ?? _delivery?.Timestamp ?? DateTimeOffset.UnixEpoch;
        init => _timestamp = value;
    }

    /// <summary>Gets how often the message was delivered before, to this subscriber or its group; 0 for the first time.</summary>
    public int RetryCount { get; init; }

    /// <summary>Gets how many messages the subscription missed right before this one, because retention removed them first.</summary>
    public long Missed { get; init; }

    /// <summary>Gets or sets the services of the message's own scope; null where the bus was not made by dependency injection.</summary>
    public IServiceProvider? Services { get; set; }

    /// <summary>Gets what tells the handler to stop: its time (<see cref="HandlerOptions.HandlerTimeout"/>) is over, the subscription is being
    /// stopped and has waited long enough, or the message is the broker's again and may be handled elsewhere already, because the connection
    /// was cut or the message could not be extended. An <see cref="OperationCanceledException"/> then gives the message back.</summary>
    public CancellationToken CancellationToken
    {
        get => _handling?.Token ?? _cancellationToken;
        init => _cancellationToken = value;
    }
}
