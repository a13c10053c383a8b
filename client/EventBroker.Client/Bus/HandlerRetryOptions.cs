namespace EventBroker.Client;

/// <summary>How a handler that throws is tried again right here, before its message is given back. The message stays with
/// this subscriber meanwhile.</summary>
public sealed class HandlerRetryOptions
{
    /// <summary>Gets or sets how often the handler is tried again after its first attempt. Default 0: never; up to 100.</summary>
    public int MaxRetries { get; set; }

    /// <summary>Gets or sets the wait before the first retry; it doubles with each further one. Default 100 ms; zero or more.</summary>
    public TimeSpan FirstBackoff { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Gets or sets the longest wait. Default 5 s; not below <see cref="FirstBackoff"/>, a day at the most.</summary>
    public TimeSpan LongestBackoff { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets whether waits are randomized. Default true.</summary>
    public bool UseJitter { get; set; } = true;

    /// <summary>Gets or sets which exceptions are worth another attempt. Default null: all. Not asked once the context's token is
    /// cancelled: then there is no further attempt.</summary>
    public Predicate<Exception>? ShouldRetry { get; set; }
}
