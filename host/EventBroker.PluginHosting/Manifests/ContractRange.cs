using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace EventBroker.PluginHosting.Manifests;

/// <summary>A range of SDK contract versions.</summary>
public sealed class ContractRange
{
    /// <summary>Gets or sets the lowest version that the plugin works with, such as <c>2.0</c>.</summary>
    [Required]
    [RegularExpression(@"\d{1,5}\.\d{1,5}", ErrorMessage = "must be a version such as 2.0")]
    public string Min { get; set; } = "";

    /// <summary>Gets or sets the highest version that it works with: <c>1</c> for every 1.x, <c>1.2</c> for none above.</summary>
    [Required]
    [RegularExpression(@"\d{1,5}(\.\d{1,5})?", ErrorMessage = "must be a version such as 1 (every 1.x) or 1.2")]
    public string Max { get; set; } = "";

    /// <summary>Tells whether a version lies in the range.</summary>
    /// <param name="version">The version, <c>major.minor</c>.</param>
    /// <returns>Whether it does.</returns>
    public bool Contains(string version)
    {
        var actual = Version.Parse(version);
        return actual >= Version.Parse(Min)
            && (Max.Contains('.', StringComparison.Ordinal)
                ? actual <= Version.Parse(Max)
                : actual.Major <= int.Parse(Max, CultureInfo.InvariantCulture));
    }

    /// <summary>Gives the range for a message.</summary>
    /// <returns>Such as <c>2.0 to 2.x</c>.</returns>
    public override string ToString() => $"{Min} to {(Max.Contains('.', StringComparison.Ordinal) ? Max : Max + ".x")}";
}
