using EventBroker.Host.Configuration;
using EventBroker.Sdk.Settings;

namespace EventBroker.Host.Listening;

// The host names that requests may name. A page whose own name leads to 127.0.0.1 is of the broker's origin for a browser; the name is
// what gives it away.
internal static class HostNames
{
    public const string All = "*";

    private static readonly string[] Loopback = ["localhost", "127.0.0.1", "[::1]"];

    public static IReadOnlyList<string> Allowed(HostConfiguration configuration, ListenPlan listen) =>
        configuration.AllowedHosts is { Count: > 0 } named ? [.. named]
        : listen.Addresses.All(static a => a.IsLoopback) ? [.. Loopback.Union(listen.Addresses.Select(static a => a.Host), StringComparer.OrdinalIgnoreCase)]
        : [All];

    public static void Check(HostConfiguration configuration, List<SettingsError> errors)
    {
        for (var index = 0; index < (configuration.AllowedHosts?.Count ?? 0); index++)
        {
            var name = configuration.AllowedHosts![index];
            var plain = name.StartsWith("*.", StringComparison.Ordinal) ? name[2..] : name;
            if (name != All && (plain is "" or "[" || Uri.CheckHostName(plain) == UriHostNameType.Unknown || (plain.Contains(':', StringComparison.Ordinal) && plain[0] != '[')))
            {
                errors.Add(new SettingsError
                {
                    Path = SettingsPath.Item("$.allowedHosts", index),
                    Message = $"must be a host name such as broker.example.com, *.example.com, 10.0.0.7 or [fd00::7], without scheme and port, not '{name}'",
                });
            }
        }
    }
}
