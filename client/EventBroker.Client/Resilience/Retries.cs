using Polly;
using Polly.Retry;

namespace EventBroker.Client.Resilience;

/// <summary>Makes a pipeline of what options say of retries.</summary>
internal static class Retries
{
    /// <summary>Makes the pipeline.</summary>
    /// <param name="options">How often and how long after.</param>
    /// <param name="time">The clock.</param>
    /// <param name="shouldRetry">Whether an exception is worth it, and the call's token.</param>
    /// <param name="retrying">Told of each retry, the first being 1, with its wait and what it is for; null: nobody.</param>
    /// <returns>Null where there are none.</returns>
    public static ResiliencePipeline? Create(
        RetryOptions options,
        TimeProvider time,
        Func<Exception?, CancellationToken, bool> shouldRetry,
        Action<int, TimeSpan, Exception?>? retrying = null)
    {
        if (options.MaxRetries == 0)
        {
            return null;
        }

        var strategy = new RetryStrategyOptions
        {
            MaxRetryAttempts = options.MaxRetries,
            BackoffType = DelayBackoffType.Exponential,
            Delay = options.FirstBackoff,
            MaxDelay = options.LongestBackoff,
            UseJitter = options.UseJitter,
            ShouldHandle = arguments => new(shouldRetry(arguments.Outcome.Exception, arguments.Context.CancellationToken)),
            OnRetry = arguments =>
            {
                retrying?.Invoke(arguments.AttemptNumber + 1, arguments.RetryDelay, arguments.Outcome.Exception);
                return default;
            },
        };
        return new ResiliencePipelineBuilder { TimeProvider = time }.AddRetry(strategy).Build();
    }
}
