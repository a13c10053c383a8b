using System.Globalization;
using EventBroker.Sdk.Messages;

namespace EventBroker.Transport.Redis.Messages;

/// <summary>The id of a stream's entry, milliseconds and a number within them, as a position.</summary>
internal static class EntryId
{
    public static string Format(Position position) => string.Create(CultureInfo.InvariantCulture, $"{position.High}-{position.Low}");

    public static Position Parse(ReadOnlySpan<char> text)
    {
        var hyphen = text.IndexOf('-');
        return new Position(
            ulong.Parse(text[..hyphen], NumberStyles.None, CultureInfo.InvariantCulture),
            ulong.Parse(text[(hyphen + 1)..], NumberStyles.None, CultureInfo.InvariantCulture));
    }

    /// <summary>Gets the id before which nothing lies but what is older.</summary>
    public static Position Before(Position position) => position.Low > 0 ? new Position(position.High, position.Low - 1)
        : position.High > 0 ? new Position(position.High - 1, ulong.MaxValue)
        : position;
}
