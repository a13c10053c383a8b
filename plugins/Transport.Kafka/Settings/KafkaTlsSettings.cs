namespace EventBroker.Transport.Kafka.Settings;

/// <summary>What is special about TLS; that it stands there switches it on. Relative paths start at the working directory.</summary>
public sealed class KafkaTlsSettings
{
    /// <summary>Gets or sets a PEM file with the authorities to trust instead of the system's.</summary>
    /// <value>Default none.</value>
    public string? AuthoritiesPath { get; set; }

    /// <summary>Gets or sets the PEM file with this broker's own certificate, for mutual TLS.</summary>
    /// <value>Default none.</value>
    public string? CertificatePath { get; set; }

    /// <summary>Gets or sets the PEM file with the private key.</summary>
    /// <value>Default none.</value>
    public string? KeyPath { get; set; }

    /// <summary>Gets or sets the password of the private key.</summary>
    /// <value>Default none.</value>
    public string? KeyPassword { get; set; }

    /// <summary>Gets or sets whether the name in a broker's certificate must be that of its address.</summary>
    /// <value>Default true.</value>
    public bool VerifyNames { get; set; } = true;
}
