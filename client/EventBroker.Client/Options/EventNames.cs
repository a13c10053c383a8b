namespace EventBroker.Client.Options;

/// <summary>What events may be called, by the contract.</summary>
internal static class EventNames
{
    public const string Rule = "1 to 200 characters out of A-Z a-z 0-9 . _ -, not beginning with . or -";

    public static bool IsRight(string name) =>
        name.Length is > 0 and <= 200 && name[0] is not ('.' or '-')
        && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}
