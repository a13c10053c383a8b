namespace EventBroker.Client.Resilience;

/// <summary>Waits that double with each failure in a row.</summary>
internal static class Backoff
{
    // Beyond 2^40 even a tick is longer than the longest.
    private const int MostDoublings = 40;

    /// <summary>The longest wait after a failure.</summary>
    /// <param name="first">That after the first one.</param>
    /// <param name="longest">What it grows to.</param>
    /// <param name="failures">How many there were in a row, from 1 on.</param>
    public static TimeSpan Limit(TimeSpan first, TimeSpan longest, int failures) => TimeSpan.FromTicks(
        (long)Math.Min(longest.Ticks, first.Ticks * Math.Pow(2, Math.Clamp(failures - 1, 0, MostDoublings))));

    /// <summary>The wait before the next attempt.</summary>
    /// <param name="options">How often and how long after.</param>
    /// <param name="failures">How many there were in a row, from 1 on.</param>
    /// <returns>Null if there is none.</returns>
    public static TimeSpan? Next(RetryOptions options, int failures)
    {
        if (failures > options.MaxRetries)
        {
            return null;
        }

        var limit = Limit(options.FirstBackoff, options.LongestBackoff, failures);
#pragma warning disable CA5394 // Spreads load; nobody must not guess it.
        return options.UseJitter ? limit * Random.Shared.NextDouble() : limit;
#pragma warning restore CA5394
    }
}
