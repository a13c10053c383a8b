namespace EventBroker.Client;

/// <summary>A class that handles an event. A new one is made for every message, in a service scope of the message's own, unless
/// the class is registered otherwise.</summary>
/// <typeparam name="TEvent">What the event's messages say. A class may handle several types, each of its own event.</typeparam>
public interface IEventHandler<in TEvent>
{
    /// <summary>Handles a message. A return acks it; an exception gives it back, and it comes again.</summary>
    /// <param name="value">What the message says.</param>
    /// <param name="context">What else is known of it, with the token that tells when to stop.</param>
    /// <returns>A task that ends when the message is handled.</returns>
    Task HandleAsync(TEvent value, EventContext context);
}
