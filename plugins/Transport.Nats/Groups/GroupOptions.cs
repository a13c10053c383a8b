using System.Globalization;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Nats.Groups;

/// <summary>What is a worker group's and not its members': fixed by the first member, on whichever host.</summary>
internal sealed record GroupOptions(TimeSpan? MaxAge, bool LatestOnly)
{
    public static GroupOptions Of(SubscribeOptions options) => new(options.MaxAge, options.LatestOnly);

    public static GroupOptions? Parse(string text) =>
        text.Split(' ') is [var age, var latest] && long.TryParse(age, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var ticks)
            ? new GroupOptions(ticks < 0 ? null : TimeSpan.FromTicks(ticks), latest == "1")
            : null;

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{MaxAge?.Ticks ?? -1} {(LatestOnly ? 1 : 0)}");

    /// <summary>Refuses a member that asks for something else.</summary>
    public void Check(GroupOptions asked, string transport)
    {
        const string Why = "the worker group has another one, fixed by its first member";
        if (asked.MaxAge != MaxAge)
        {
            throw BrokerErrors.OptionNotSupported(transport, "max_age", Why);
        }

        if (asked.LatestOnly != LatestOnly)
        {
            throw BrokerErrors.OptionNotSupported(transport, "latest_only", Why);
        }
    }
}
