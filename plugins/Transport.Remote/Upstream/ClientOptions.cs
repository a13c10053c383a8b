using EventBroker.Client;
using EventBroker.Sdk.Settings;
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

        KeepAliveInterval = settings.KeepAlive.Interval,
        KeepAliveTimeout = settings.KeepAlive.Timeout,
        ClientCertificate = settings.Tls.Certificate is { } own
            ? CertificateFiles.ReadWithKey(own.Path, own.KeyPath, own.Password).Certificate
            : null,
        TrustedAuthorities = settings.Tls.AuthoritiesPath is { } path ? CertificateFiles.ReadAuthorities(path) : null,
    };

    private static Func<CancellationToken, ValueTask<string?>>? CreateTokenProvider(RemoteSettings settings, TimeProvider time)
    {
        if (settings.TokenFile is { } path)
        {
            return new TokenFile(path, time).ReadAsync;
        }

        return settings.Token is { } token ? _ => new ValueTask<string?>(token) : null;
    }
}
