namespace EventBroker.Client;

/// <summary>How something that has failed is tried again: a call, a handler, or the stream of a subscription.</summary>
public sealed class RetryOptions
{
    /// <summary>Gets or sets how often it is tried again in a row. 0: never; null: for as long as it takes. Default 3; 0 for handlers, null for the
    /// streams of subscriptions.</summary>
    public int? MaxRetries { get; set; } = 3;

    /// <summary>Gets or sets the longest wait before the first retry; it doubles with each further one. Default 100 ms, for streams 250 ms; zero or
    /// more.</summary>
    public TimeSpan FirstBackoff { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Gets or sets what it grows to. Default 5 s, for streams 1 s; not below <see cref="FirstBackoff"/>, a day at the most.</summary>
    public TimeSpan LongestBackoff { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets whether every wait is drawn evenly between zero and its limit, so that many clients do not come back together. Default
    /// true; otherwise it is the limit.</summary>
    public bool UseJitter { get; set; } = true;
}
