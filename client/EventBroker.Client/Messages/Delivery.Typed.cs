using EventBroker.Client.Subscribing;

namespace EventBroker.Client;

/// <summary>A message that came over a subscription of <see cref="Event{T}"/>, with its value.</summary>
/// <typeparam name="T">What the event's messages say.</typeparam>
public sealed class Delivery<T> : Delivery
{
    internal Delivery(Subscriber subscriber, IncomingMessage message, int generation, long sentAt)
        : base(subscriber, message, generation, sentAt)
    {
    }

    /// <summary>Gets what the message says.</summary>
    public T Value { get; internal set; } = default!;
}
