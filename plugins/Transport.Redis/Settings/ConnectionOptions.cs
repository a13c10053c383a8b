using System.Globalization;
using EventBroker.Sdk.Errors;
using StackExchange.Redis;

namespace EventBroker.Transport.Redis.Settings;

/// <summary>Turns settings into the client library's options.</summary>
internal static class ConnectionOptions
{
    private const string Rule = "must be host:port with options behind commas, or redis://user:password@host:port/database, with TLS rediss://";

    // The password may stand in a connection string: a fault says what is wrong with it and never what it is.
    public static string? FindFault(RedisSettings settings)
    {
        if (settings.ConnectionString.Length == 0)
        {
            // Said by another rule.
            return null;
        }

        try
        {
            var options = Parse(settings.ConnectionString);
            return options.EndPoints.Count == 0 ? Rule
                : options.DefaultDatabase < 0 ? "names a database below 0"
                : null;
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException)
        {
            return Rule;
        }
    }

    public static ConfigurationOptions Make(RedisSettings settings, Distrust distrust)
    {
        var options = Parse(settings.ConnectionString);
        options.User = settings.User ?? options.User;
        options.Password = settings.Password ?? options.Password;
        options.SentinelPassword = settings.SentinelPassword ?? options.SentinelPassword;
        options.ClientName ??= "EventBroker";

        // Redis may come and go: the library goes on trying, and what is called meanwhile waits for its timeout.
        options.AbortOnConnectFail = false;
        options.BacklogPolicy = BacklogPolicy.Default;
        options.AsyncTimeout = (int)settings.Timeout.TotalMilliseconds;
        options.SyncTimeout = options.AsyncTimeout;
        options.ConnectTimeout = Math.Min(options.ConnectTimeout, options.AsyncTimeout);
        options.HeartbeatInterval = TimeSpan.FromMilliseconds(Math.Clamp(settings.Timeout.TotalMilliseconds / 5, 100, 1_000));
        options.ReconnectRetryPolicy = new LinearRetry((int)Math.Clamp(settings.Timeout.TotalMilliseconds / 5, 100, 1_000));
        options.IncludeDetailInExceptions = false;

        // INFO counts as administration for the library.
        options.AllowAdmin = true;
        if (options.Ssl)
        {
            TlsOptions.Apply(options, settings.Tls, distrust);
        }
        else if (settings.Tls is not { AuthoritiesPath: null, CertificatePath: null })
        {
            throw new BrokerException(
                BrokerErrorCode.InvalidArgument, "tls is set, but the connection string uses none: begin it with rediss:// or add ssl=true");
        }

        return options;
    }

    /// <summary>Gets where Redis is, without credentials, for logs and health.</summary>
    public static string Describe(ConfigurationOptions options) =>
        string.Join(',', options.EndPoints.Select(static e => e.ToString()!.Replace("Unspecified/", "", StringComparison.Ordinal)))
        + (options.ServiceName is { Length: > 0 } service ? $" (Sentinel, {service})" : "");

    private static ConfigurationOptions Parse(string text)
    {
        if (!text.StartsWith("redis://", StringComparison.OrdinalIgnoreCase) && !text.StartsWith("rediss://", StringComparison.OrdinalIgnoreCase))
        {
            return ConfigurationOptions.Parse(text);
        }

        var address = new Uri(text);
        var options = new ConfigurationOptions { Ssl = address.Scheme == "rediss" };
        if (address.Host.Length == 0)
        {
            throw new FormatException(Rule);
        }

        options.EndPoints.Add(address.Host, address.Port > 0 ? address.Port : 6379);
        if (options.Ssl)
        {
            options.SslHost = address.Host;
        }

        var (user, password) = SplitUser(address.UserInfo);
        options.User = user;
        options.Password = password;
        var path = address.AbsolutePath.Trim('/');
        if (path.Length > 0)
        {
            options.DefaultDatabase = int.Parse(path, NumberStyles.None, CultureInfo.InvariantCulture);
        }

        return options;
    }

    private static (string? User, string? Password) SplitUser(string userInfo)
    {
        if (userInfo.Length == 0)
        {
            return (null, null);
        }

        var colon = userInfo.IndexOf(':', StringComparison.Ordinal);
        return colon < 0
            ? (null, Uri.UnescapeDataString(userInfo))
            : (colon == 0 ? null : Uri.UnescapeDataString(userInfo[..colon]), Uri.UnescapeDataString(userInfo[(colon + 1)..]));
    }
}
