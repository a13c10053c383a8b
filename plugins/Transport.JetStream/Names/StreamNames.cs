using System.Diagnostics.CodeAnalysis;
using EventBroker.Sdk.Messages;

namespace EventBroker.Transport.JetStream.Names;

/// <summary>Event names as stream names, which take no dot: it becomes <c>=</c>, which no event name contains.</summary>
internal static class StreamNames
{
    public static string ToStream(string prefix, string eventName) => prefix + eventName.Replace('.', '=');

    public static bool TryToEventName(string prefix, string stream, [NotNullWhen(true)] out string? eventName)
    {
        eventName = null;
        if (!stream.StartsWith(prefix, StringComparison.Ordinal) || stream.AsSpan(prefix.Length).Contains('.'))
        {
            return false;
        }

        var name = stream[prefix.Length..].Replace('=', '.');
        if (!EventName.IsValid(name))
        {
            return false;
        }

        eventName = name;
        return true;
    }
}
