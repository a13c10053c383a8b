using System.Security.Cryptography.X509Certificates;
using EventBroker.Client;
using EventBroker.Transport.Remote.Settings;

namespace EventBroker.Transport.Remote.Upstream;

/// <summary>Makes the client's options of the plugin's settings.</summary>
internal static class ClientOptions
{
    // A request holds more than the message: the event's name, the lengths of its parts.
    private const int Surroundings = 64 * 1024;

    /// <summary>Makes the options for calls with or without this broker's own identity.</summary>
    public static RemoteTransportOptions Create(RemoteSettings settings, TimeProvider time, bool withToken) => new()
    {
        Address = settings.Address,
        AttemptTimeout = settings.AttemptTimeout,
        MaxMessageBytes = (int)settings.MaxMessageBytes.Bytes + Surroundings,
        TokenProvider = withToken ? CreateTokenProvider(settings, time) : null,
        AllowTokenWithoutTls = settings.AllowCredentialsWithoutTls,
        Retry = new RetryOptions { MaxRetries = settings.Retries },

        // Subscribers of this broker stay subscribed for as long as they like.
        Reconnect = new ReconnectOptions { MaxConsecutiveFailures = null },
        KeepAlive = new KeepAliveOptions { Interval = settings.KeepAlive.Interval, Timeout = settings.KeepAlive.Timeout },
        Tls = new TlsOptions
        {
            ClientCertificate = settings.Tls.Certificate is { } certificate ? Read(certificate) : null,
            TrustedAuthorities = settings.Tls.AuthoritiesPath is { } path ? ReadAuthorities(path) : null,
        },
    };

    private static Func<CancellationToken, ValueTask<string?>>? CreateTokenProvider(RemoteSettings settings, TimeProvider time)
    {
        if (settings.TokenFile is { } path)
        {
            return new TokenFile(path, time).ReadAsync;
        }

        return settings.Token is { } token ? _ => new ValueTask<string?>(token) : null;
    }

    private static X509Certificate2 Read(ClientCertificateSettings settings)
    {
        if (settings.KeyPath is null)
        {
            return X509CertificateLoader.LoadPkcs12FromFile(settings.Path, settings.Password);
        }

        return settings.Password is null
            ? X509Certificate2.CreateFromPemFile(settings.Path, settings.KeyPath)
            : X509Certificate2.CreateFromEncryptedPemFile(settings.Path, settings.Password, settings.KeyPath);
    }

    private static X509Certificate2Collection ReadAuthorities(string path)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(path);
        return authorities;
    }
}
