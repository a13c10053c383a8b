namespace EventBroker.Client.Options;

internal static class HandlerHostOptionsRules
{
    public static IReadOnlyList<string> FindFaults(HandlerHostOptions options)
    {
        var faults = new OptionFaults();
        faults.InRange(options.StartTimeout, TimeSpan.Zero, TimeSpan.FromMinutes(10), nameof(HandlerHostOptions.StartTimeout));
        return faults.All;
    }
}
