namespace EventBroker.Client;

/// <summary>How a call or a handler that failed is tried again. Of calls, NOT_FOUND, ALREADY_EXISTS, FAILED_PRECONDITION, PERMISSION_DENIED, UNAUTHENTICATED,
/// INVALID_ARGUMENT, UNIMPLEMENTED and OUT_OF_RANGE are answers, not failures: they are never retried. A publish is retried with the
/// same message id.</summary>
public sealed class RetryOptions
{
    /// <summary>Gets or sets how often a call is tried again after its first attempt. Default 3; 0 (never) to 100.</summary>
    public int MaxRetries { get; set; } = 3;

    /// <summary>Gets or sets the wait before the first retry; it doubles with each further one. Default 100 ms; zero or more.</summary>
    public TimeSpan FirstBackoff { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Gets or sets the longest wait. Default 5 s; not below <see cref="FirstBackoff"/>.</summary>
    public TimeSpan LongestBackoff { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets whether waits are randomized, so that many clients do not come back together. Default true.</summary>
    public bool UseJitter { get; set; } = true;
}
