using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Settings;
using StackExchange.Redis;

namespace EventBroker.Transport.Redis.Places;

/// <summary>What belongs to a worker group and not to its members: fixed by the first of them.</summary>
internal static class GroupOptions
{
    /// <summary>Throws if a place could not be opened.</summary>
    public static void Check(string status, RedisResult result, string name, RedisState state)
    {
        switch (status)
        {
            case "AGE":
                var age = (long)result[1];
                throw Mismatch("max_age", age > 0 ? DurationText.Format(TimeSpan.FromTicks(age)) : "none");
            case "LATEST":
                throw Mismatch("latest_only", (string)result[1]! == "1" ? "true" : "false");
            case "FULL":
                throw Full(state);
            default:
                break;
        }

        BrokerException Mismatch(string option, string fixedValue) => BrokerErrors.OptionNotSupported(
            state.Name,
            option,
            $"it belongs to worker group '{name}', whose {option} is {fixedValue} since its first member came; ask for the same, or use another group");
    }

    public static BrokerException Full(RedisState state) => new(
        BrokerErrorCode.ResourceExhausted,
        $"the event has {state.Settings.MaxPlacesPerEvent} worker groups and consumer ids already, the most that transport '{state.Name}' allows");
}
