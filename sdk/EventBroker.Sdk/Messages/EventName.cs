using System.Buffers;

namespace EventBroker.Sdk.Messages;

/// <summary>The grammar of event names: one that every transport can carry unchanged.</summary>
public static class EventName
{
    /// <summary>The longest name, in characters.</summary>
    public const int MaxLength = 200;

    /// <summary>The rule, as callers are told it.</summary>
    public const string Rule = "an event name has 1 to 200 characters out of A-Z a-z 0-9 . _ - and does not begin with . or -";

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    /// <summary>Tells whether a name follows the grammar.</summary>
    /// <param name="name">The name.</param>
    /// <returns>Whether it does.</returns>
    public static bool IsValid(ReadOnlySpan<char> name) =>
        name.Length is > 0 and <= MaxLength
        && name[0] is not ('.' or '-')
        && !name.ContainsAnyExcept(Allowed);
}
