using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace EventBroker.Client;

/// <summary>What is special about TLS. Without any of it the system's trust decides.</summary>
public sealed class TlsOptions
{
    /// <summary>Gets or sets the client's certificate with its private key, for mutual TLS. Default null.</summary>
    public X509Certificate2? ClientCertificate { get; set; }

    /// <summary>Gets or sets the authorities to trust instead of the system's, such as a company's own. Default null. Revocation is not
    /// checked against them.</summary>
    public X509Certificate2Collection? TrustedAuthorities { get; set; }

    /// <summary>Gets or sets a check of the server's certificate of one's own. Default null. Excludes
    /// <see cref="TrustedAuthorities"/>.</summary>
    public RemoteCertificateValidationCallback? ServerCertificateValidation { get; set; }
}
