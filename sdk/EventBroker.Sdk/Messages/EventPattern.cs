using System.Buffers;

namespace EventBroker.Sdk.Messages;

/// <summary>Patterns of event names, as routes and rules are written: <c>*</c> stands for any characters, also none, everything else for
/// itself. Upper and lower case differ.</summary>
public static class EventPattern
{
    /// <summary>The rule, as whoever writes a pattern is told it.</summary>
    public const string Rule = "a pattern has 1 to 200 characters out of A-Z a-z 0-9 . _ - and *, which stands for any characters";

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-*");

    /// <summary>Tells whether a text is a pattern that the name of an event can match.</summary>
    /// <param name="pattern">The text.</param>
    /// <returns>Whether it is.</returns>
    public static bool IsValid(ReadOnlySpan<char> pattern) =>
        pattern.Length is > 0 and <= EventName.MaxLength && !pattern.ContainsAnyExcept(Allowed);

    /// <summary>Tells whether a name matches a pattern.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="name">The name of an event.</param>
    /// <returns>Whether it does; never at a cost of more than the product of both lengths.</returns>
    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        // Goes back to the last star when a character does not fit: one place to return to is enough, since an earlier star can't do better.
        int p = 0, n = 0, star = -1, retry = 0;
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                retry = n;
            }
            else if (p < pattern.Length && pattern[p] == name[n])
            {
                p++;
                n++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                n = ++retry;
            }
            else
            {
                return false;
            }
        }

        return !pattern[p..].ContainsAnyExcept('*');
    }
}
