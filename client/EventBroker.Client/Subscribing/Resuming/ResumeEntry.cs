namespace EventBroker.Client.Subscribing;

/// <summary>What a subscription remembers of a message that it may have to ask for again.</summary>
internal sealed class ResumeEntry(SettledPlace place, int generation, string cursor, MessageKey key, int deliveries)
{
    public int Generation => generation;

    public string Cursor => cursor;

    public MessageKey Key => key;

    /// <summary>Gets or sets how often the message was delivered.</summary>
    public int Deliveries { get; set; } = deliveries;

    public bool IsSettled { get; set; }

    /// <summary>The server has confirmed the ack of the message.</summary>
    /// <returns>False if the stream was cut since, so that the message comes again all the same.</returns>
    public bool TrySettle() => place.TrySettle(this);
}
