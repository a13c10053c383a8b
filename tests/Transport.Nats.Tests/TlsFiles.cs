using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EventBroker.Transport.Nats.Tests;

// An authority, and a certificate of a server and one of a client that it has signed, as PEM files.
internal sealed class TlsFiles : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("eventbroker-tls-");

    public TlsFiles()
    {
        var from = DateTimeOffset.UnixEpoch;
        var to = new DateTimeOffset(2099, 1, 1, 0, 0, 0, TimeSpan.Zero);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var authority = request.CreateSelfSigned(from, to);
        Authority = Write("authority.pem", authority.ExportCertificatePem());
        (Server, ServerKey) = Make("server");
        (Client, ClientKey) = Make("client");

        (string Certificate, string Key) Make(string name)
        {
            using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var wish = new CertificateRequest("CN=" + name, own, HashAlgorithmName.SHA256);
            var names = new SubjectAlternativeNameBuilder();
            names.AddIpAddress(IPAddress.Loopback);
            wish.CertificateExtensions.Add(names.Build());
            using var signed = wish.Create(authority, from, to, RandomNumberGenerator.GetBytes(8));
            return (Write(name + ".pem", signed.ExportCertificatePem()), Write(name + ".key", own.ExportPkcs8PrivateKeyPem()));
        }
    }

    public string Authority { get; }

    public string Server { get; }

    public string ServerKey { get; }

    public string Client { get; }

    public string ClientKey { get; }

    public void Dispose() => _folder.Delete(recursive: true);

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}
