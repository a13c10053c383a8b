using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EventBroker.Host.Configuration;
using EventBroker.Host.Startup;
using EventBroker.Sdk.Settings;

namespace EventBroker.Host.Listening;

// How a TLS connection is made. A handshake looks whether the files have changed, and what could be read last stays in use.
internal sealed class TlsSettings
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly Lock _gate = new();
    private readonly CertificateSettings _server;
    private readonly ClientCertificateSettings? _clients;
    private string _stamp;
    private TlsFiles _files;
    private SslStreamCertificateContext _context;

    private TlsSettings(CertificateSettings server, ClientCertificateSettings? clients)
    {
        _server = server;
        _clients = clients;
        _stamp = TlsFiles.Stamp(server, clients);
        (_files, _context) = Read();
    }

    // Throws what is wrong with the files.
    public static TlsSettings Load(CertificateSettings server, ClientCertificateSettings? clients) => new(server, clients);

    public SslServerAuthenticationOptions ForHandshake(ILogger log)
    {
        var (files, context) = Current(log);
        var options = new SslServerAuthenticationOptions { ServerCertificateContext = context };
        if (_clients is not { } clients)
        {
            return options;
        }

        options.ClientCertificateRequired = true;
        options.CertificateRevocationCheckMode = clients.CheckRevocation ? X509RevocationMode.Online : X509RevocationMode.NoCheck;
        options.CertificateChainPolicy = PolicyFor(files.Authorities, options.CertificateRevocationCheckMode);
        options.RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
            certificate is null ? clients.Mode == ClientCertificateMode.Allow : errors == SslPolicyErrors.None;
        return options;
    }

    private static X509ChainPolicy PolicyFor(X509Certificate2Collection? authorities, X509RevocationMode revocation)
    {
        var policy = new X509ChainPolicy { RevocationMode = revocation, ApplicationPolicy = { new Oid(ClientAuthentication) } };
        if (authorities is not null)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(authorities);
        }

        return policy;
    }

    private (TlsFiles Files, SslStreamCertificateContext Context) Current(ILogger log)
    {
        lock (_gate)
        {
            try
            {
                var stamp = TlsFiles.Stamp(_server, _clients);
                if (stamp != _stamp)
                {
                    // Looked at once, right or wrong: a file that is still being written changes once more.
                    _stamp = stamp;
                    (_files, _context) = Read();
                    var (subject, end) = (_files.Certificate.Subject, _files.Certificate.NotAfter.ToUniversalTime());
                    HostLog.CertificateRenewed(log, _server.Path, subject, end);
                }
            }
            catch (Exception exception) when (CertificateFiles.IsFault(exception))
            {
                var end = _files.Certificate.NotAfter.ToUniversalTime();
                HostLog.CertificateKept(log, _server.Path, exception.Message, end);
            }

            return (_files, _context);
        }
    }

    // Intermediates come from the file; nothing is downloaded.
    private (TlsFiles Files, SslStreamCertificateContext Context) Read()
    {
        var files = TlsFiles.Read(_server, _clients);
        return (files, SslStreamCertificateContext.Create(files.Certificate, files.Intermediates, offline: true));
    }
}
