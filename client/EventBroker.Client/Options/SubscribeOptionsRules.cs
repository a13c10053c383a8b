namespace EventBroker.Client.Options;

/// <summary>What options of a subscription must fulfil before the broker is asked; what its transport can do is its own matter.</summary>
internal static class SubscribeOptionsRules
{
    public static IReadOnlyList<string> FindFaults(SubscribeOptions options)
    {
        var faults = new OptionFaults();
        faults.Check(Enum.IsDefined(options.Start), "Start", $"is {options.Start}, which does not exist");
        faults.Check(
            options.StartTime is null == (options.Start != SubscriptionStart.Timestamp),
            "StartTime", "is needed with Start = Timestamp, and only then");
        faults.Check(
            options.ResumeAfter is null || (options.WorkerGroup is null && options.Start == SubscriptionStart.Default),
            "ResumeAfter", "excludes Start and WorkerGroup");
        faults.Check(options.ConsumerId is not "", "ConsumerId", "is empty; null means none");
        faults.Check(!options.TakeOver || options.ConsumerId is not null, "TakeOver", "takes a ConsumerId, and there is none");
        faults.Check(options.MaxAge is not { } age || age > TimeSpan.Zero, "MaxAge", "must be above zero");
        faults.InRange(options.AckTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromHours(12), "AckTimeout");
        faults.Check(options.MaxInFlight is null or >= 1, "MaxInFlight", "must be 1 or more, or null for as many as the program holds");
        faults.Check(
            options.MaxExtension is not { } extension
                || extension == TimeSpan.Zero || (extension >= TimeSpan.FromSeconds(1) && extension <= TimeSpan.FromDays(1)),
            "MaxExtension", "must be 1 second to a day, or zero or null for none");
        faults.InRange(options.BufferSize, 1, 100_000, "BufferSize");
        faults.InRange(options.BufferBytes, 1, int.MaxValue, "BufferBytes");
        return faults.All;
    }
}
