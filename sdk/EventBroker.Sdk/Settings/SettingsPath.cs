using System.Globalization;

namespace EventBroker.Sdk.Settings;

/// <summary>JSON paths, as <see cref="SettingsError.Path"/> has them.</summary>
public static class SettingsPath
{
    /// <summary>The path of the whole document.</summary>
    public const string Root = "$";

    /// <summary>Goes to a member of an object.</summary>
    /// <param name="path">The object's path.</param>
    /// <param name="key">The member's key.</param>
    /// <returns>The path, with the key in quotes if it has characters other than letters, digits, <c>_</c>, <c>-</c> and <c>$</c>.</returns>
    public static string Key(string path, string key) =>
        key.Length > 0 && key.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '$')
            ? $"{path}.{key}"
            : $"{path}['{key.Replace("'", "\\'", StringComparison.Ordinal)}']";

    /// <summary>Goes to an item of a list.</summary>
    /// <param name="path">The list's path.</param>
    /// <param name="index">The item's place, from 0.</param>
    /// <returns>The path.</returns>
    public static string Item(string path, int index) => string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]");
}
