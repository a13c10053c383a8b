namespace EventBroker.Client.Options;

internal static class RetryOptionsRules
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    public static IReadOnlyList<string> FindFaults(RetryOptions options)
    {
        var faults = new OptionFaults();
        faults.Check(options.MaxRetries is null or >= 0, "MaxRetries", "must be 0 or more, or null for as long as it takes");
        faults.InRange(options.FirstBackoff, TimeSpan.Zero, Day, "FirstBackoff");
        faults.InRange(options.LongestBackoff, options.FirstBackoff, Day, "LongestBackoff");
        return faults.All;
    }
}
