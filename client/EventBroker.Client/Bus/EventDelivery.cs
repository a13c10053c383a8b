namespace EventBroker.Client;

/// <summary>A value that came over <see cref="Event{T}.ReadAsync"/>, with its delivery.</summary>
/// <typeparam name="T">What the event's messages say.</typeparam>
public readonly struct EventDelivery<T>
{
    internal EventDelivery(T value, Delivery delivery)
    {
        Value = value;
        Delivery = delivery;
    }

    /// <summary>Gets what the message says.</summary>
    public T Value { get; }

    /// <summary>Gets the message, to look at or to be settled otherwise than by an ack.</summary>
    public Delivery Delivery { get; }
}
