using System.ComponentModel.DataAnnotations;
using System.Net;

namespace EventBroker.Auth.Roles;

/// <summary>Who may do what, and who may say who is who.</summary>
public sealed class RolesSettings : IValidatableObject
{
    private const int MinSecretLength = 16;
    private const int MaxSecretLength = 300;

    /// <summary>Gets or sets the request header that holds the caller's roles, separated by commas.</summary>
    /// <value>Default <c>x-role</c>. A proxy sets it, and removes it from what callers send; one that comes twice is a denial.</value>
    [Required]
    [RegularExpression("[A-Za-z0-9_-]+", ErrorMessage = "must be the name of a header: letters, digits, - and _")]
    public string Header { get; set; } = "x-role";

    /// <summary>Gets or sets the proxies that are believed: addresses, or networks such as <c>10.1.0.0/16</c>.</summary>
    /// <value>Default none: only callers on this machine are believed, or whoever has the <see cref="SharedSecret"/>.</value>
    public IReadOnlyList<string> Proxies { get; set; } = [];

    /// <summary>Gets or sets a secret that the proxy sends along in <see cref="SecretHeader"/>. With <see cref="Proxies"/> both are needed.</summary>
    /// <value>Default none; 16 to 300 characters.</value>
    public string? SharedSecret { get; set; }

    /// <summary>Gets or sets the header with the shared secret.</summary>
    /// <value>Default <c>x-proxy-secret</c>.</value>
    [Required]
    [RegularExpression("[A-Za-z0-9_-]+", ErrorMessage = "must be the name of a header: letters, digits, - and _")]
    public string SecretHeader { get; set; } = "x-proxy-secret";

    /// <summary>Gets or sets what is allowed; everything else is denied.</summary>
    [MinLength(1, ErrorMessage = "must have at least one rule: without any, every call is denied")]
    public IReadOnlyList<RoleRule> Rules { get; set; } = [];

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var proxy in Proxies.Where(static p => !TryParse(p, out _)))
        {
            yield return new ValidationResult($"has '{proxy}', which is no address such as 10.1.2.3 and no network such as 10.1.0.0/16", [nameof(Proxies)]);
        }

        if (SharedSecret is { Length: < MinSecretLength or > MaxSecretLength })
        {
            yield return new ValidationResult($"must have {MinSecretLength} to {MaxSecretLength} characters", [nameof(SharedSecret)]);
        }
    }

    internal static bool TryParse(string text, out IPNetwork network)
    {
        if (IPAddress.TryParse(text, out var address))
        {
            network = new IPNetwork(address, address.GetAddressBytes().Length * 8);
            return true;
        }

        return IPNetwork.TryParse(text, out network);
    }
}
