namespace EventBroker.Transport.Redis.Settings;

/// <summary>What is special about TLS; the connection string decides whether it is used at all (<c>rediss://</c> or <c>ssl=true</c>).
/// Relative paths start at the working directory.</summary>
public sealed class RedisTlsSettings
{
    /// <summary>Gets or sets a PEM file with the authorities to trust instead of the system's.</summary>
    /// <value>Default none.</value>
    public string? AuthoritiesPath { get; set; }

    /// <summary>Gets or sets the file with this broker's own certificate, for mutual TLS: PKCS #12, or PEM beside <see cref="KeyPath"/>.</summary>
    /// <value>Default none.</value>
    public string? CertificatePath { get; set; }

    /// <summary>Gets or sets the file with the private key, when the certificate is PEM.</summary>
    /// <value>Default none.</value>
    public string? KeyPath { get; set; }

    /// <summary>Gets or sets the password of the private key.</summary>
    /// <value>Default none.</value>
    public string? KeyPassword { get; set; }
}
