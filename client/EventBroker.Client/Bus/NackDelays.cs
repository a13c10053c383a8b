using EventBroker.Client.Resilience;

namespace EventBroker.Client;

/// <summary>Makes functions for <see cref="HandlerOptions.NackDelay"/>.</summary>
public static class NackDelays
{
    /// <summary>A delay that doubles with each delivery of the same message.</summary>
    /// <param name="first">The delay after the first delivery; zero or more.</param>
    /// <param name="longest">The longest delay; not below <paramref name="first"/>, 12 hours at the most.</param>
    /// <returns>The function: retry count to delay.</returns>
    public static Func<int, TimeSpan> Doubling(TimeSpan first, TimeSpan longest)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(first, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(longest, first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(longest, TimeSpan.FromHours(12));
        return retryCount => Backoff.Limit(first, longest, Math.Max(retryCount, 0) + 1);
    }
}
