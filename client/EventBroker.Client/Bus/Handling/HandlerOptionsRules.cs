using EventBroker.Client.Options;

namespace EventBroker.Client.Bus;

/// <summary>What options of a handler must fulfil.</summary>
internal static class HandlerOptionsRules
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    public static IReadOnlyList<string> FindFaults(string eventName, HandlerOptions options)
    {
        var faults = new OptionFaults();
        faults.Include("Subscription", SubscribeOptionsRules.FindFaults(options.Subscription));
        faults.InRange(options.Concurrency, 1, 10_000, "Concurrency");
        faults.Check(
            options.HandlerTimeout is not { } timeout || (timeout > TimeSpan.Zero && timeout <= Day),
            "HandlerTimeout", "must be above zero, and a day at the most");
        faults.Include("Retry", RetryOptionsRules.FindFaults(options.Retry));
        faults.InRange(options.MaxExtension, TimeSpan.FromSeconds(1), Day, "MaxExtension");
        faults.Check(Enum.IsDefined(options.Undecodable), "Undecodable", $"is {options.Undecodable}, which does not exist");
        faults.Check(options.MaxAttempts is null or >= 1, "MaxAttempts", "must be 1 or more, or null for no limit");
        DeadLetters.Check(eventName, options, faults);
        faults.InRange(options.StopTimeout, TimeSpan.Zero, Day, "StopTimeout");
        return faults.All;
    }
}
