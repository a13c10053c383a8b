namespace EventBroker.Client.Publishing;

/// <summary>What a stream has said of a message.</summary>
/// <param name="Failure">Why it is not published; null if it is, or if nothing was said.</param>
/// <param name="IsGiven">Whether anything was said; otherwise it is to be published by a call of its own.</param>
internal readonly record struct PublishAnswer(EventBrokerException? Failure, bool IsGiven)
{
    public static readonly PublishAnswer Published = new(Failure: null, IsGiven: true);

    public static readonly PublishAnswer None = new(Failure: null, IsGiven: false);
}
