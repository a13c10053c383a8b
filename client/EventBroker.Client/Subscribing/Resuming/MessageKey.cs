namespace EventBroker.Client.Subscribing;

/// <summary>Tells a message from all others of its event, also from one that was published under the same id.</summary>
internal readonly record struct MessageKey(string Id, long Seconds, int Nanoseconds)
{
    public static MessageKey Of(IncomingMessage message) => new(message.Id, message.Seconds, message.Nanoseconds);
}
