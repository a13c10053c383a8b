using System.Net;
using System.Security.Cryptography;
using System.Text;
using EventBroker.Sdk.Authorization;

namespace EventBroker.Auth.Roles;

// Whether the roles that a caller brings are from a proxy that may tell them. Decides without allocating.
internal sealed class ProxyTrust
{
    private const int MaxSecretBytes = 1024;

    private readonly string _header;
    private readonly IPNetwork[] _proxies;
    private readonly string _secretHeader;
    private readonly byte[]? _secret;

    public ProxyTrust(RolesSettings settings)
    {
        _header = settings.Header;
        _proxies = [.. settings.Proxies.Select(static p => RolesSettings.TryParse(p, out var network) ? network : throw new FormatException(p))];
        _secretHeader = settings.SecretHeader;
        _secret = settings.SharedSecret is { } secret ? Encoding.UTF8.GetBytes(secret) : null;
    }

    // Null if there is none; never with what a header holds.
    public string? FindObjection(Caller caller)
    {
        if (caller.CountHeaders(_header) is var count && count == 0)
        {
            return null;
        }

        return count > 1 ? "the header with the roles came twice"
            : !IsProxy(caller.RemoteAddress) ? "the header with the roles came from an address that is no proxy of \"proxies\""
            : _secret is null ? null
            : caller.CountHeaders(_secretHeader) != 1 ? "the proxy's secret is missing or came twice"
            : HasSecret(caller.GetHeader(_secretHeader), _secret) ? null
            : "the proxy's secret is wrong";
    }

    // Nobody's address is that of a caller within this process or over a local socket.
    private bool IsProxy(IPAddress? address)
    {
        if (address is null)
        {
            return true;
        }

        if (_proxies.Length == 0)
        {
            return _secret is not null || IPAddress.IsLoopback(address);
        }

        foreach (var network in _proxies)
        {
            if (network.Contains(address) || (address.IsIPv4MappedToIPv6 && network.Contains(address.MapToIPv4())))
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasSecret(string? text, byte[] secret)
    {
        if (text is null || text.Length > MaxSecretBytes / 3)
        {
            return false;
        }

        Span<byte> given = stackalloc byte[MaxSecretBytes];
        return CryptographicOperations.FixedTimeEquals(given[..Encoding.UTF8.GetBytes(text, given)], secret);
    }
}
