using System.ComponentModel.DataAnnotations;

namespace EventBroker.Nats.Settings;

/// <summary>What settings must fulfil beyond their types and ranges.</summary>
internal static class NatsSettingsRules
{
    private static readonly string[] Schemes = ["nats", "tls", "ws", "wss"];

    public static IEnumerable<ValidationResult> Check(NatsSettings settings)
    {
        foreach (var server in settings.Servers)
        {
            if (CheckServer(server) is { } fault)
            {
                yield return new ValidationResult(fault, [nameof(NatsSettings.Servers)]);
            }
        }

        string[] kinds =
        [
            .. settings.User is null ? (string[])[] : ["user"],
            .. settings.Token is null ? (string[])[] : ["token"],
            .. settings.NKeySeed is null ? (string[])[] : ["nKeySeed"],
            .. settings.CredentialsFile is null ? (string[])[] : ["credentialsFile"],
        ];
        if (kinds.Length > 1)
        {
            yield return new ValidationResult(
                $"one way to log in, not {kinds.Length} ({string.Join(", ", kinds)}): remove all but one", [nameof(NatsSettings.Servers)]);
        }

        if (settings.User is null != settings.Password is null)
        {
            yield return new ValidationResult("user and password go together", [nameof(NatsSettings.User)]);
        }

        if (settings.NKeySeed is { } seed && !seed.StartsWith("SU", StringComparison.Ordinal))
        {
            yield return new ValidationResult("the seed of a user's NKey begins with SU", [nameof(NatsSettings.NKeySeed)]);
        }

        foreach (var (path, name) in Files(settings))
        {
            if (path is not null && !File.Exists(path))
            {
                yield return new ValidationResult($"file {path} does not exist", [name]);
            }
        }

        if (settings.Tls.CertificatePath is null != settings.Tls.KeyPath is null)
        {
            yield return new ValidationResult("certificatePath and keyPath go together", [nameof(NatsSettings.Tls)]);
        }
    }

    private static (string? Path, string Name)[] Files(NatsSettings settings) =>
    [
        (settings.CredentialsFile, nameof(NatsSettings.CredentialsFile)),
        (settings.Tls.CertificatePath, nameof(NatsSettings.Tls)),
        (settings.Tls.KeyPath, nameof(NatsSettings.Tls)),
        (settings.Tls.AuthoritiesPath, nameof(NatsSettings.Tls)),
    ];

    private static string? CheckServer(string server)
    {
        // The client would take it apart.
        if (server.Contains(',', StringComparison.Ordinal))
        {
            return $"'{server}' must be a single address; a list has one entry for each";
        }

        if (!Uri.TryCreate(server, UriKind.Absolute, out var address) || !Schemes.Contains(address.Scheme, StringComparer.Ordinal))
        {
            return $"'{server}' must begin with nats://, tls://, ws:// or wss://, such as nats://nats.example:4222";
        }

        if (address.UserInfo.Length > 0)
        {
            return "an address must not hold user, password or token: they have settings of their own, which can come from files";
        }

        return address.Host.Length == 0 ? $"'{server}' names no host" : null;
    }
}
