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

    /// <summary>A wait drawn evenly from the upper part of what is allowed, so that many clients do not come back together.</summary>
    /// <param name="limit">The longest.</param>
    /// <param name="least">The least of it, as a share: 0 for any.</param>
    public static TimeSpan Draw(TimeSpan limit, double least = 0)
    {
#pragma warning disable CA5394 // Spreads load; nobody must not guess it.
        return limit * (least + ((1 - least) * Random.Shared.NextDouble()));
#pragma warning restore CA5394
    }
}
