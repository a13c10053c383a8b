using EventBroker.Client.Bus;

namespace EventBroker.Client;

/// <summary>What a handler knows of a message, with its value: what middleware is given.</summary>
/// <typeparam name="T">What the event's messages say.</typeparam>
public sealed class EventContext<T> : EventContext
{
    /// <summary>Initializes a context.</summary>
    /// <param name="eventName">The event.</param>
    /// <param name="id">The message's id.</param>
    /// <param name="value">What the message says.</param>
    public EventContext(string eventName, string id, T value)
        : base(eventName, id) => Value = value;

    internal EventContext(Delivery delivery, T value, Handling handling)
        : base(delivery, handling) => Value = value;

    /// <summary>Gets what the message says.</summary>
    public T Value { get; }
}
