using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Settings;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Memory.Places;

/// <summary>What belongs to a worker group and not to its members: fixed by the first of them.</summary>
internal sealed class GroupOptions(SubscribeOptions first)
{
    private readonly TimeSpan? _maxAge = first.MaxAge;
    private readonly bool _latestOnly = first.LatestOnly;

    /// <summary>Refuses a member that asks for something else.</summary>
    public void Check(SubscribeOptions options, string transport)
    {
        if (options.MaxAge != _maxAge)
        {
            throw Mismatch(transport, "max_age", _maxAge is { } age ? DurationText.Format(age) : "none", options.WorkerGroup);
        }

        if (options.LatestOnly != _latestOnly)
        {
            throw Mismatch(transport, "latest_only", _latestOnly ? "true" : "false", options.WorkerGroup);
        }
    }

    private static BrokerException Mismatch(string transport, string option, string fixedValue, string group) =>
        BrokerErrors.OptionNotSupported(
            transport,
            option,
            $"it belongs to worker group '{group}', whose {option} is {fixedValue} since its first member came; ask for the same, or use another group");
}
