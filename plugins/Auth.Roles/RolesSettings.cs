using System.ComponentModel.DataAnnotations;

namespace EventBroker.Auth.Roles;

/// <summary>Who may do what.</summary>
public sealed class RolesSettings
{
    /// <summary>Gets or sets the request header that holds the caller's roles, separated by commas.</summary>
    /// <value>Default <c>x-role</c>. Only a proxy that removes it from what callers send makes it trustworthy.</value>
    [Required]
    [RegularExpression("[A-Za-z0-9_-]+", ErrorMessage = "must be the name of a header: letters, digits, - and _")]
    public string Header { get; set; } = "x-role";

    /// <summary>Gets or sets what is allowed; everything else is denied.</summary>
    [MinLength(1, ErrorMessage = "must have at least one rule: without any, every call is denied")]
    public IReadOnlyList<RoleRule> Rules { get; set; } = [];
}
