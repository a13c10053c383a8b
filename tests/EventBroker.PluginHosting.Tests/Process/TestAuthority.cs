using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EventBroker.PluginHosting.Tests.Process;

// A root, an intermediate that it has signed, and whatever the intermediate signs.
internal sealed class TestAuthority : IDisposable
{
    private static readonly DateTimeOffset From = DateTimeOffset.UnixEpoch;
    private static readonly DateTimeOffset To = new(2099, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly X509Certificate2 _intermediate;

    public TestAuthority(string name)
    {
        Root = Sign($"CN={name} root", isAuthority: true, signer: null);
        _intermediate = Sign($"CN={name} intermediate", isAuthority: true, Root);
    }

    public X509Certificate2 Root { get; }

    public string RootPem => Root.ExportCertificatePem();

    // The certificate with the intermediate behind it, and its key.
    public (string Chain, string Key, string Thumbprint) IssueServer()
    {
        using var leaf = Sign("CN=server", isAuthority: false, _intermediate);
        using var key = leaf.GetECDsaPrivateKey()!;
        return (leaf.ExportCertificatePem() + "\n" + _intermediate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem(), leaf.Thumbprint);
    }

    // With the intermediate, since nobody else has it.
    public X509Certificate2Collection IssueClient(string subject) => [Sign(subject, isAuthority: false, _intermediate), X509CertificateLoader.LoadCertificate(_intermediate.RawData)];

    public void Dispose()
    {
        Root.Dispose();
        _intermediate.Dispose();
    }

    private static X509Certificate2 Sign(string subject, bool isAuthority, X509Certificate2? signer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, true));
        if (!isAuthority)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddIpAddress(IPAddress.Loopback);
            request.CertificateExtensions.Add(names.Build());
        }

        if (signer is null)
        {
            return request.CreateSelfSigned(From, To);
        }

        using var signed = request.Create(signer, From, To, RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(key);
    }
}
