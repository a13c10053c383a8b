using System.Globalization;

namespace EventBroker.FunctionalTests.Streams;

internal static class StreamText
{
    // A duration as the JSON protocols write it; null for none.
    public static string? Of(TimeSpan? duration) =>
        duration is { } time ? time.TotalMilliseconds.ToString(CultureInfo.InvariantCulture) + "ms" : null;
}
