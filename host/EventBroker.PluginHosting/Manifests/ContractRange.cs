using System.ComponentModel.DataAnnotations;

namespace EventBroker.PluginHosting.Manifests;

/// <summary>A range of SDK contract versions.</summary>
public sealed class ContractRange
{
    private const string Form = @"\d{1,5}\.\d{1,5}";
    private const string Rule = "must be a version such as 1.0";

    /// <summary>Gets or sets the lowest version that the plugin works with, inclusive.</summary>
    [Required]
    [RegularExpression(Form, ErrorMessage = Rule)]
    public string From { get; set; } = "";

    /// <summary>Gets or sets the version that it does not work with any more, exclusive; usually the next major version.</summary>
    [Required]
    [RegularExpression(Form, ErrorMessage = Rule)]
    public string Below { get; set; } = "";

    /// <summary>Tells whether a version lies in the range.</summary>
    /// <param name="version">The version, <c>major.minor</c>.</param>
    /// <returns>Whether it does.</returns>
    public bool Contains(string version)
    {
        var actual = Version.Parse(version);
        return actual >= Version.Parse(From) && actual < Version.Parse(Below);
    }

    /// <summary>Gives the range for a message.</summary>
    /// <returns>Such as <c>1.0 up to, not including, 2.0</c>.</returns>
    public override string ToString() => $"{From} up to, not including, {Below}";
}
