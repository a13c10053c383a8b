namespace EventBroker.Client.Options;

/// <summary>What may stand in a header. A server answers anything else by closing the connection, with all the other calls on it.</summary>
internal static class HeaderRules
{
    public static bool IsName(string name) =>
        name.Length > 0 && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
        && !name.EndsWith("-bin", StringComparison.OrdinalIgnoreCase);

    public static bool IsVisibleAscii(string value) => value.All(static c => c is >= ' ' and <= '~');

    /// <summary>Whether a value can be sent as UTF-8.</summary>
    public static bool IsSendable(string value) => !value.Any(char.IsControl);
}
