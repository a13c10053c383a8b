using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EventBroker.Transport.Kafka.Tests.Security;

/// <summary>A folder with an authority, certificates of it, and tokens.</summary>
internal sealed class SecretFiles : IDisposable
{
    public const string KeyPassword = "key-secret";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("eventbroker-kafka-");
    private readonly X509Certificate2 _authority = MakeAuthority();
    private readonly List<X509Certificate2> _made = [];

    public string Authority => Write("authority.pem", _authority.ExportCertificatePem());

    public string OtherAuthority
    {
        get
        {
            using var other = MakeAuthority();
            return Write("other.pem", other.ExportCertificatePem());
        }
    }

    /// <summary>Makes the certificate of a server at an address.</summary>
    public X509Certificate2 MakeServer(string address = "127.0.0.1")
    {
        using var key = RSA.Create(2048);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Parse(address));
        var request = Request("server", key);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = Sign(request);
        return Keep(certificate.CopyWithPrivateKey(key));
    }

    /// <summary>Makes a client's certificate.</summary>
    /// <returns>It, and the files with it and its key.</returns>
    public (X509Certificate2 Certificate, string CertificatePath, string KeyPath) MakeClient()
    {
        using var key = RSA.Create(2048);
        var certificate = Keep(Sign(Request("client", key)));
        var parameters = new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1_000);
        return (certificate, Write("client.pem", certificate.ExportCertificatePem()), Write("client.key", key.ExportEncryptedPkcs8PrivateKeyPem(KeyPassword, parameters)));
    }

    public string Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose()
    {
        _made.ForEach(static c => c.Dispose());
        _authority.Dispose();
        _folder.Delete(recursive: true);
    }

    private static CertificateRequest Request(string name, RSA key) => new("CN=" + name, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

    private static X509Certificate2 MakeAuthority()
    {
        using var key = RSA.Create(2048);
        var request = Request("authority", key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    private X509Certificate2 Sign(CertificateRequest request)
    {
        var now = TimeProvider.System.GetUtcNow();
        return request.Create(_authority, now.AddHours(-1), now.AddHours(1), RandomNumberGenerator.GetBytes(8));
    }

    private X509Certificate2 Keep(X509Certificate2 certificate)
    {
        _made.Add(certificate);
        return certificate;
    }
}
