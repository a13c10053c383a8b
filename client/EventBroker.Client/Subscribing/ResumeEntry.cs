namespace EventBroker.Client.Subscribing;

/// <summary>What a subscription remembers of a message that it may have to ask for again.</summary>
internal sealed class ResumeEntry(ResumeTracker tracker, int generation, string cursor, MessageKey key, int deliveries)
{
    public ResumeTracker Tracker => tracker;

    public int Generation => generation;

    public string Cursor => cursor;

    public MessageKey Key => key;

    /// <summary>Gets or sets how often the message was delivered.</summary>
    public int Deliveries { get; set; } = deliveries;

    public bool IsSettled { get; set; }
}
