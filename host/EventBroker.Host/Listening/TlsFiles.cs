using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EventBroker.Host.Configuration;

namespace EventBroker.Host.Listening;

// What the certificate files hold.
internal sealed record TlsFiles(X509Certificate2 Certificate, X509Certificate2Collection Intermediates, X509Certificate2Collection? Authorities)
{
    public static TlsFiles Read(CertificateSettings settings, ClientCertificateSettings? clients)
    {
        var (certificate, intermediates) = settings.KeyPath is null ? ReadPkcs12(settings) : ReadPem(settings, settings.KeyPath);
        return new TlsFiles(certificate, intermediates, ReadAuthorities(clients?.AuthoritiesPath));
    }

    // Tells one state of the files from another by what they hold: a mounted secret changes by a link above its files, and times of files
    // are coarse. Next to a handshake, reading a few kilobytes is nothing.
    public static string Stamp(CertificateSettings settings, ClientCertificateSettings? clients) =>
        string.Join('|', new[] { settings.Path, settings.KeyPath, clients?.AuthoritiesPath }.OfType<string>().Select(static path =>
        {
            try
            {
                return Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return exception.GetType().Name;
            }
        }));

    public static X509Certificate2Collection? ReadAuthorities(string? path)
    {
        if (path is null)
        {
            return null;
        }

        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(path);
        return authorities.Count > 0 ? authorities : throw new CryptographicException("it holds no certificate in PEM.");
    }

    private static (X509Certificate2 Certificate, X509Certificate2Collection Intermediates) ReadPkcs12(CertificateSettings settings)
    {
        var all = X509CertificateLoader.LoadPkcs12CollectionFromFile(settings.Path, settings.Password);
        var own = all.FirstOrDefault(static c => c.HasPrivateKey) ?? throw new CryptographicException("it has no private key; name its file as keyPath.");
        all.Remove(own);
        return (own, all);
    }

    private static (X509Certificate2 Certificate, X509Certificate2Collection Intermediates) ReadPem(CertificateSettings settings, string keyPath)
    {
        var own = settings.Password is null
            ? X509Certificate2.CreateFromPemFile(settings.Path, keyPath)
            : X509Certificate2.CreateFromEncryptedPemFile(settings.Path, settings.Password, keyPath);
        var others = new X509Certificate2Collection();
        others.ImportFromPemFile(settings.Path);
        foreach (var same in others.Where(c => c.Thumbprint == own.Thumbprint).ToList())
        {
            others.Remove(same);
        }

        return (own, others);
    }
}
