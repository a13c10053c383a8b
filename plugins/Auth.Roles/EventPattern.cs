using System.Buffers;

namespace EventBroker.Auth.Roles;

// A pattern of event names: * stands for any characters, also none.
internal static class EventPattern
{
    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-*");

    public static bool IsValid(string pattern) => pattern.Length is > 0 and <= 200 && !pattern.AsSpan().ContainsAnyExcept(Allowed);

    // Goes back to the last star when a character does not fit: no recursion, so no pattern is expensive.
    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        int p = 0, n = 0, star = -1, resume = 0;
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                resume = n;
            }
            else if (p < pattern.Length && pattern[p] == name[n])
            {
                p++;
                n++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                n = ++resume;
            }
            else
            {
                return false;
            }
        }

        return !pattern[p..].ContainsAnyExcept('*');
    }
}
