using System.Collections.ObjectModel;
using EventBroker.Client.Bus;

namespace EventBroker.Client;

/// <summary>What a handler knows of a message. A test may make one itself to call a handler with.</summary>
public sealed class EventContext
{
    // Where what was not set comes from; decoded when the handler asks for it.
    private readonly Delivery? _delivery;
    private readonly Handling? _handling;
    private readonly CancellationToken _cancellationToken;
    private readonly string? _source;
    private readonly IReadOnlyDictionary<string, string>? _metadata;
    private readonly DateTimeOffset? _timestamp;
    private readonly CancellationToken _leaseLost;
    private readonly string? _cursor;
    private Dictionary<object, object?>? _items;

    /// <summary>Initializes a context.</summary>
    /// <param name="eventName">The event.</param>
    /// <param name="id">The message's id.</param>
    public EventContext(string eventName, string id)
    {
        EventName = eventName;
        Id = id;
    }

    internal EventContext(Delivery delivery, object value, Handling handling)
        : this(delivery.EventName, delivery.Id)
    {
        Value = value;
        _delivery = delivery;
        _handling = handling;
        RetryCount = delivery.RetryCount;
        Missed = delivery.Missed;
    }

    /// <summary>Gets the event.</summary>
    public string EventName { get; }

    /// <summary>Gets the message's id. A message that comes again has the same.</summary>
    public string Id { get; }

    /// <summary>Gets what the message says, for middleware: <c>context.Value is Order order</c>. Default null.</summary>
    public object? Value { get; init; }

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

    /// <summary>Gets what tells the handler that the message is the broker's again and may be handled elsewhere already: part of
    /// <see cref="CancellationToken"/>, for what must not go on then but may while the subscription is being stopped.</summary>
    public CancellationToken LeaseLost
    {
        get => _handling?.LeaseLost ?? _leaseLost;
        init => _leaseLost = value;
    }

    /// <summary>Gets the cursor that <see cref="SubscribeOptions.ResumeAfter"/> takes. Default empty, as for a redelivery and where the broker
    /// can't replay.</summary>
    public string Cursor
    {
        get => _cursor ?? _delivery?.Cursor ?? "";
        init => _cursor = value;
    }

    /// <summary>Gets what middleware and handler tell one another of this message.</summary>
    public IDictionary<object, object?> Items => _items ??= [];

    /// <summary>Gets why the handler has given the message back; null if it has not.</summary>
    public string? NackReason { get; private set; }

    /// <summary>Gets how long the message waits then; null for <see cref="HandlerOptions.NackDelay"/>.</summary>
    public TimeSpan? NackDelay { get; private set; }

    /// <summary>Gets why the handler has called the message dead; null if it has not.</summary>
    public string? DeadLetterReason { get; private set; }

    /// <summary>Gives the message back when the handler has returned, as an exception would, with a delay of its own. What is called last of this
    /// and <see cref="DeadLetter"/> counts.</summary>
    /// <param name="reason">Why; not empty.</param>
    /// <param name="delay">How long it waits until it comes again, up to 12 hours. Null: as <see cref="HandlerOptions.NackDelay"/> says.</param>
    /// <exception cref="InvalidOperationException">The broker has settled the message itself (<see cref="SubscribeOptions.AutoAck"/>).</exception>
    public void Nack(string reason, TimeSpan? delay = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        ArgumentOutOfRangeException.ThrowIfLessThan(delay ?? TimeSpan.Zero, TimeSpan.Zero, nameof(delay));
        if (_delivery is { NeedsSettling: false })
        {
            throw new InvalidOperationException("the broker has settled this message already: the subscription asked for auto-ack");
        }

        (NackReason, NackDelay, DeadLetterReason) = (reason, delay, null);
    }

    /// <summary>Publishes the message to <see cref="HandlerOptions.DeadLetterEvent"/> when the handler has returned, and acks it.</summary>
    /// <param name="reason">Why it is not to come again; not empty.</param>
    public void DeadLetter(string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        (NackReason, NackDelay, DeadLetterReason) = (null, null, reason);
    }

    /// <summary>Asks the broker for more time, beyond what <see cref="HandlerOptions.ExtendWhileHandling"/> does by itself.</summary>
    /// <param name="time">1 second to 12 hours, from when the broker gets to know.</param>
    /// <param name="cancellationToken">Ends the wait; the extension is sent all the same.</param>
    /// <returns>What became of it; <see cref="SettleResult.Settled"/> for a context that a test has made.</returns>
    /// <exception cref="EventBrokerException">As for <see cref="Delivery.ExtendAsync"/>.</exception>
    public Task<SettleResult> ExtendAsync(TimeSpan time, CancellationToken cancellationToken = default) =>
        _delivery?.ExtendAsync(time, cancellationToken) ?? Task.FromResult(SettleResult.Settled);
}
