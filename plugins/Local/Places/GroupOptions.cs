using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Settings;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Local.Places;

/// <summary>What belongs to a worker group and not to its members: fixed by the first of them.</summary>
internal sealed class GroupOptions(TimeSpan? maxAge, bool latestOnly)
{
    public GroupOptions(SubscribeOptions first)
        : this(first.MaxAge, first.LatestOnly)
    {
    }

    public TimeSpan? MaxAge => maxAge;

    public bool LatestOnly => latestOnly;

    /// <summary>Refuses a member that asks for something else.</summary>
    public void Check(SubscribeOptions options, string transport)
    {
        if (options.MaxAge != maxAge)
        {
            throw Mismatch(transport, "max_age", maxAge is { } age ? DurationText.Format(age) : "none", options.WorkerGroup);
        }

        if (options.LatestOnly != latestOnly)
        {
            throw Mismatch(transport, "latest_only", latestOnly ? "true" : "false", options.WorkerGroup);
        }
    }

    private static BrokerException Mismatch(string transport, string option, string fixedValue, string group) =>
        BrokerErrors.OptionNotSupported(
            transport,
            option,
            $"it belongs to worker group '{group}', whose {option} is {fixedValue} since its first member came; ask for the same, or use another group");
}
