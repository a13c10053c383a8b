using EventBroker.Nats.Settings;
using NATS.Client.Core;

namespace EventBroker.Nats.Connections;

/// <summary>The settings as the NATS client wants them.</summary>
internal static class NatsOptions
{
    /// <summary>How long the client waits between two attempts to connect, at the most.</summary>
    public static readonly TimeSpan LongestReconnectWait = TimeSpan.FromMilliseconds(500);

    public static NatsOpts Create(NatsSettings settings) => new()
    {
        Url = string.Join(',', settings.Servers),
        Name = settings.ClientName,
        AuthOpts = CreateAuth(settings),
        TlsOpts = new NatsTlsOpts
        {
            Mode = settings.Tls.Required ? TlsMode.Require : TlsMode.Auto,
            CertFile = settings.Tls.CertificatePath,
            KeyFile = settings.Tls.KeyPath,
            KeyFilePassword = settings.Tls.KeyPassword,
            CaFile = settings.Tls.AuthoritiesPath,
        },
        ConnectTimeout = settings.ConnectTimeout,
        RequestTimeout = settings.RequestTimeout,
        CommandTimeout = settings.RequestTimeout,
        PingInterval = settings.PingInterval,
        MaxPingOut = 2,

        // For as long as the host runs, also with credentials that are refused: they may be renewed.
        MaxReconnectRetry = -1,
        IgnoreAuthErrorAbort = true,
        ReconnectWaitMin = TimeSpan.FromMilliseconds(50),
        ReconnectWaitMax = LongestReconnectWait,
        ReconnectJitter = TimeSpan.FromMilliseconds(50),

        PublishTimeoutOnDisconnected = true,

        // A request that nobody can answer is told apart from one that nobody answers.
        RequestReplyMode = NatsRequestReplyMode.SharedInbox,
        HeaderEncoding = System.Text.Encoding.UTF8,
    };

    private static NatsAuthOpts CreateAuth(NatsSettings settings) => settings switch
    {
        { CredentialsFile: { } file } => new NatsAuthOpts { AuthCredCallback = (_, _) => new(NatsAuthCred.FromCredsFile(file)) },
        { NKeySeed: { } seed } => new NatsAuthOpts { AuthCredCallback = (_, _) => new(NatsAuthCred.FromNkey(seed.Trim())) },
        { Token: { } token } => new NatsAuthOpts { Token = token },
        { User: { } user } => new NatsAuthOpts { Username = user, Password = settings.Password },
        _ => NatsAuthOpts.Default,
    };
}
