namespace EventBroker.Client.Resilience;

/// <summary>Tries again what has failed, as options say.</summary>
/// <param name="options">How often and how long after.</param>
/// <param name="time">The clock.</param>
/// <param name="isWorth">Whether another attempt may help.</param>
/// <param name="retrying">Told of each retry, the first being 1, with its wait and what it is for; null: nobody.</param>
internal sealed class Retries(
    RetryOptions options, TimeProvider time, Func<Exception, bool> isWorth, Action<int, TimeSpan, Exception>? retrying = null)
{
    /// <summary>Runs attempts until one succeeds.</summary>
    /// <param name="attempt">One attempt.</param>
    /// <param name="state">What it is given.</param>
    /// <param name="failureOf">What has failed of a result all the same; null where a result is a success.</param>
    /// <param name="cancellationToken">Ends it: what an attempt throws then is not worth another one.</param>
    /// <returns>The last attempt's result; throws what it throws.</returns>
    public async ValueTask<TResult> RunAsync<TState, TResult>(
        Func<TState, CancellationToken, ValueTask<TResult>> attempt,
        TState state,
        Func<TResult, Exception?>? failureOf,
        CancellationToken cancellationToken)
    {
        for (var retry = 1; ; retry++)
        {
            TimeSpan? wait;
            try
            {
                var result = await attempt(state, cancellationToken).ConfigureAwait(false);
                wait = failureOf?.Invoke(result) is { } failure ? Before(retry, failure, cancellationToken) : null;
                if (wait is null)
                {
                    return result;
                }
            }
            catch (Exception exception) when ((wait = Before(retry, exception, cancellationToken)) is not null)
            {
                // Waited for below.
            }

            await Task.Delay(wait.Value, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private TimeSpan? Before(int retry, Exception failure, CancellationToken cancellationToken)
    {
        if (Backoff.Next(options, retry) is not { } wait || cancellationToken.IsCancellationRequested || !isWorth(failure))
        {
            return null;
        }

        retrying?.Invoke(retry, wait, failure);
        return wait;
    }
}
