namespace EventBroker.Nats.Settings;

/// <summary>How the connection is encrypted. A server that demands TLS gets it in any case.</summary>
public sealed class NatsTlsSettings
{
    /// <summary>Gets or sets whether a server that does not offer TLS is refused.</summary>
    /// <value>Default false; a server address with <c>tls://</c> or <c>wss://</c> and any of the files below demand it as well.</value>
    public bool Required { get; set; }

    /// <summary>Gets or sets a PEM file with this client's own certificate, for mutual TLS.</summary>
    /// <value>Default none; needs <see cref="KeyPath"/>. A relative path starts at the working directory.</value>
    public string? CertificatePath { get; set; }

    /// <summary>Gets or sets the PEM file with the private key of the certificate.</summary>
    /// <value>Default none.</value>
    public string? KeyPath { get; set; }

    /// <summary>Gets or sets the password of the private key.</summary>
    /// <value>Default none.</value>
    public string? KeyPassword { get; set; }

    /// <summary>Gets or sets a PEM file with the authorities to trust instead of the system's.</summary>
    /// <value>Default none.</value>
    public string? AuthoritiesPath { get; set; }
}
