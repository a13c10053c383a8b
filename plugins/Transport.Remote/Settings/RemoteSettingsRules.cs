using System.ComponentModel.DataAnnotations;

namespace EventBroker.Transport.Remote.Settings;

/// <summary>What settings must fulfil beyond their types and ranges.</summary>
internal static class RemoteSettingsRules
{
    // Written by the client or by HTTP itself.
    private static readonly string[] Reserved =
        ["x-source", "host", "te", "connection", "content-type", "content-length", "transfer-encoding", "upgrade", "user-agent"];

    public static IEnumerable<ValidationResult> Check(RemoteSettings settings)
    {
        if (CheckAddress(settings.Address!) is { } fault)
        {
            yield return new ValidationResult(fault, [nameof(RemoteSettings.Address)]);
        }
        else if (SendsCredentials(settings) && !settings.AllowCredentialsWithoutTls
            && settings.Address!.Scheme != Uri.UriSchemeHttps && !settings.Address.IsLoopback)
        {
            yield return new ValidationResult(
                "would send credentials unencrypted to another machine: use https; or set \"forwardHeaders\" to [] and no token; "
                + "or, in a network that nobody else reads, set \"allowCredentialsWithoutTls\" to true",
                [nameof(RemoteSettings.Address)]);
        }

        foreach (var name in settings.ForwardHeaders.Where(static n => !IsForwardable(n)))
        {
            yield return new ValidationResult(Refusal(name), [nameof(RemoteSettings.ForwardHeaders)]);
        }

        foreach (var name in settings.ForwardQueryParameters.Values.Where(static n => !IsForwardable(n)))
        {
            yield return new ValidationResult(Refusal(name), [nameof(RemoteSettings.ForwardQueryParameters)]);
        }

        if (settings is { Token: not null, TokenFile: not null })
        {
            yield return new ValidationResult("excludes token: name one of the two", [nameof(RemoteSettings.TokenFile)]);
        }
    }

    private static bool SendsCredentials(RemoteSettings settings) =>
        settings.ForwardHeaders.Count > 0 || settings.ForwardQueryParameters.Count > 0
        || settings.Token is not null || settings.TokenFile is not null;

    private static string? CheckAddress(Uri address)
    {
        if (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps)
        {
            return "must begin with http:// or https://";
        }

        return address.UserInfo.Length > 0 || address.PathAndQuery != "/" || address.Fragment.Length > 0
            ? "must be a scheme, a host and a port, such as https://broker.example:8443"
            : null;
    }

    private static bool IsForwardable(string name) =>
        name.Length > 0 && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
        && !name.StartsWith("grpc-", StringComparison.OrdinalIgnoreCase)
        && !name.EndsWith("-bin", StringComparison.OrdinalIgnoreCase)
        && !Reserved.Contains(name, StringComparer.OrdinalIgnoreCase);

    private static string Refusal(string name) => $"can't pass on '{name}': it is no header name, or one that is not the caller's to set";
}
