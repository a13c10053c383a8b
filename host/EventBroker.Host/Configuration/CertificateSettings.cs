using System.ComponentModel.DataAnnotations;

namespace EventBroker.Host.Configuration;

/// <summary>A certificate with its private key, in one file (PKCS #12) or two (PEM). Intermediate certificates behind it are sent along.
/// The files are read again when they have changed.</summary>
public sealed class CertificateSettings
{
    /// <summary>Gets or sets the file with the certificate.</summary>
    [Required]
    public string Path { get; set; } = "";

    /// <summary>Gets or sets the file with the private key, when the certificate is PEM.</summary>
    public string? KeyPath { get; set; }

    /// <summary>Gets or sets the password of the private key.</summary>
    public string? Password { get; set; }
}
