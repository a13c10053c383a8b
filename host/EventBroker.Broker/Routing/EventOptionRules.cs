using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Routing;

/// <summary>Checks the options of a new event: first by themselves, then against what the transport knows. Nothing is ignored.</summary>
internal static class EventOptionRules
{
    private static readonly TimeSpan MaxRetention = TimeSpan.FromDays(3650);

    public static void Check(EventOptions options, RoutedTransport route)
    {
        CheckTime(options.Retention, "retention");
        CheckTime(options.DeduplicationWindow, "deduplication_window");
        CheckCount(options.MaxBytes, "max_bytes");
        CheckCount(options.MaxMessages, "max_messages");
        CheckCount(options.MaxMessageBytes, "max_message_bytes");
        CheckCount(options.Partitions, "partitions");
        CheckCount(options.Replicas, "replicas");
        foreach (var option in options.GetSet().Where(o => !route.Declared.EventOptions.Contains(o)))
        {
            throw BrokerErrors.OptionNotSupported(route.Name, Name(option), "it has no such option; leave it out");
        }
    }

    // MaxMessageBytes becomes max_message_bytes.
    private static string Name(EventOption option) => string.Concat(option.ToString().Select(static (c, i) =>
        char.IsUpper(c) ? (i == 0 ? "" : "_") + char.ToLowerInvariant(c) : c.ToString()));

    private static void CheckTime(TimeSpan? time, string option)
    {
        if (time < TimeSpan.FromSeconds(1) || time > MaxRetention)
        {
            throw new BrokerException(BrokerErrorCode.InvalidArgument, $"{option} must be 1s to {MaxRetention.TotalDays} days");
        }
    }

    private static void CheckCount(long? count, string option)
    {
        if (count < 1)
        {
            throw new BrokerException(BrokerErrorCode.InvalidArgument, $"{option} must be 1 or more");
        }
    }
}
