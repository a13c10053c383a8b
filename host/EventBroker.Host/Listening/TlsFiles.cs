using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EventBroker.Host.Configuration;
using EventBroker.Sdk.Settings;

namespace EventBroker.Host.Listening;

// What the certificate files hold.
internal sealed record TlsFiles(X509Certificate2 Certificate, X509Certificate2Collection Intermediates, X509Certificate2Collection? Authorities)
{
    public static TlsFiles Read(CertificateSettings settings, ClientCertificateSettings? clients)
    {
        var (certificate, intermediates) = CertificateFiles.ReadWithKey(settings.Path, settings.KeyPath, settings.Password);
        return new TlsFiles(certificate, intermediates, clients?.AuthoritiesPath is { } path ? CertificateFiles.ReadAuthorities(path) : null);
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
}
