namespace EventBroker.Host.Configuration;

/// <summary>Which certificates clients may show. Authorizers get to see them.</summary>
public sealed class ClientCertificateSettings
{
    /// <summary>Gets or sets whether a client must have one.</summary>
    /// <value>Default require.</value>
    public ClientCertificateMode Mode { get; set; } = ClientCertificateMode.Require;

    /// <summary>Gets or sets the PEM file with the authorities whose certificates are taken.</summary>
    /// <value>Default none: those that the system trusts.</value>
    public string? AuthoritiesPath { get; set; }

    /// <summary>Gets or sets whether revocation lists are asked for, over the network.</summary>
    /// <value>Default false.</value>
    public bool CheckRevocation { get; set; }
}
