using System.Net;
using System.Net.Sockets;

namespace Benchmarks.Servers;

/// <summary>Where a server listens: gRPC (HTTP/2 without TLS) and everything else, on ports that were free a moment ago.</summary>
internal sealed class ServerAddresses
{
    public required Uri Grpc { get; init; }

    public required Uri Http { get; init; }

    public static ServerAddresses FindFree()
    {
        // Both are held until both are known, so that they differ.
        using var first = new TcpListener(IPAddress.Loopback, 0);
        using var second = new TcpListener(IPAddress.Loopback, 0);
        first.Start();
        second.Start();
        return new ServerAddresses { Grpc = UriOf(first), Http = UriOf(second) };
    }

    private static Uri UriOf(TcpListener listener) => new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
}
