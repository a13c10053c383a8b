using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EventBroker.Client.Tests.Transport;

// An authority of the test's own, and what it signs.
internal sealed class Certificates : IDisposable
{
    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();

    public Certificates()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        Authority = request.CreateSelfSigned(_now.AddDays(-1), _now.AddDays(1));
        Server = Sign("CN=localhost", 1);
        Client = Sign("CN=worker", 2);
    }

    public X509Certificate2 Authority { get; }

    public X509Certificate2 Server { get; }

    public X509Certificate2 Client { get; }

    public void Dispose()
    {
        Authority.Dispose();
        Server.Dispose();
        Client.Dispose();
    }

    private X509Certificate2 Sign(string name, byte serial)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(Authority, _now.AddHours(-1), _now.AddHours(1), [serial]);
        return certificate.CopyWithPrivateKey(key);
    }
}
