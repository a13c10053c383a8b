using System.Globalization;
using System.Net;

namespace EventBroker.Host.Listening;

// An address to listen on, as it was written. Its form is checked before one is made.
internal sealed class ListenAddress
{
    private readonly IPAddress? _address;

    private ListenAddress(string name, BindingAddress address)
    {
        Name = name;
        Scheme = address.Scheme;
        Host = address.Host;
        Port = address.Port;
        _address = IPAddress.TryParse(Host.Trim('[', ']'), out var ip) ? ip : null;
    }

    // The key under "listen".
    public string Name { get; }

    public string Scheme { get; }

    public string Host { get; }

    // The one that is served on, once the server has started.
    public int Port { get; set; }

    public bool IsLocalhost => Host.Equals("localhost", StringComparison.OrdinalIgnoreCase);

    // Null for every address of this machine: what Kestrel makes of *, + and host names.
    public IPAddress? Address => IsLocalhost ? IPAddress.Loopback : _address;

    public bool IsLoopback => Address is { } address && IPAddress.IsLoopback(address);

    // Where this machine itself reaches it, for the lines to try.
    public string LocalUrl
    {
        get
        {
            var host = Address is null || Address.Equals(IPAddress.Any) || Address.Equals(IPAddress.IPv6Any) ? "localhost" : Host;
            return string.Create(CultureInfo.InvariantCulture, $"{Scheme}://{host}:{Port}");
        }
    }

    public static ListenAddress? TryParse(string name, string scheme, string text)
    {
        try
        {
            var address = BindingAddress.Parse(text);
            return address.Scheme.Equals(scheme, StringComparison.OrdinalIgnoreCase)
                && address is { PathBase: "", IsUnixPipe: false, IsNamedPipe: false, Port: >= 0 and <= IPEndPoint.MaxPort, Host.Length: > 0 }
                    ? new ListenAddress(name, address)
                    : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Scheme}://{Host}:{Port}");
}
