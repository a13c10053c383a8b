namespace EventBroker.Transport.Remote.Settings;

/// <summary>What is special about TLS; the address decides whether it is used at all.</summary>
public sealed class TlsSettings
{
    /// <summary>Gets or sets this broker's own certificate, for mutual TLS.</summary>
    /// <value>Default none.</value>
    public ClientCertificateSettings? Certificate { get; set; }

    /// <summary>Gets or sets a PEM file with the authorities to trust instead of the system's.</summary>
    /// <value>Default none. A relative path starts at the working directory.</value>
    public string? AuthoritiesPath { get; set; }
}
