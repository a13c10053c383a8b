using System.Diagnostics.CodeAnalysis;
using EventBroker.Sdk.Messages;

namespace EventBroker.Nats.Messages;

/// <summary>Event names as subjects. A subject knows no empty token (<c>a..b</c>), so one is written as <c>=</c>, which no event name
/// contains; everything else in an event name is allowed in a subject, and none of it is a wildcard.</summary>
internal static class SubjectNames
{
    private const string EmptyToken = "=";

    public static string ToSubject(string prefix, string eventName) =>
        prefix + '.' + string.Join('.', eventName.Split('.').Select(static t => t.Length == 0 ? EmptyToken : t));

    public static bool TryToEventName(string prefix, string subject, [NotNullWhen(true)] out string? eventName)
    {
        eventName = null;
        if (!subject.StartsWith(prefix + '.', StringComparison.Ordinal))
        {
            return false;
        }

        var name = string.Join('.', subject[(prefix.Length + 1)..].Split('.').Select(static t => t == EmptyToken ? "" : t));
        if (!EventName.IsValid(name) || ToSubject(prefix, name) != subject)
        {
            return false;
        }

        eventName = name;
        return true;
    }

    /// <summary>Tells whether a subject that may have wildcards takes another one that has none.</summary>
    public static bool Covers(string pattern, string subject)
    {
        var (wanted, tokens) = (pattern.Split('.'), subject.Split('.'));
        for (var i = 0; i < wanted.Length; i++)
        {
            if (wanted[i] == ">")
            {
                return tokens.Length > i;
            }

            if (i >= tokens.Length || (wanted[i] != "*" && wanted[i] != tokens[i]))
            {
                return false;
            }
        }

        return wanted.Length == tokens.Length;
    }

    /// <summary>Tells whether a text can be the beginning of subjects: tokens of letters, digits, <c>-</c> and <c>_</c>.</summary>
    public static bool IsPrefix(string prefix) =>
        prefix.Length is > 0 and <= 50
        && prefix.Split('.').All(static t => t.Length > 0 && t.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'));
}
