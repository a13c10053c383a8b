using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace EventBroker.Endpoints.Streaming;

// A peer that has vanished without a word takes nothing more, and small writes go on lying down in the system's buffers for many minutes. The
// system itself knows what was not taken, and ends the connection where it is told how long that may last.
internal static class UntakenBytes
{
    // IPPROTO_TCP and TCP_USER_TIMEOUT of Linux. Elsewhere the system's own times count.
    private const int Tcp = 6;
    private const int UserTimeout = 18;

    // For connections that carry this one stream only: over HTTP/2 the server pings by itself, and a client may leave its other streams unread.
    public static void Bound(HttpContext http, TimeSpan timeout)
    {
        if (!OperatingSystem.IsLinux() || timeout == TimeSpan.Zero || !HttpProtocol.IsHttp11(http.Request.Protocol)
            || http.Features.Get<IConnectionSocketFeature>()?.Socket is not { ProtocolType: ProtocolType.Tcp } socket)
        {
            return;
        }

        try
        {
            socket.SetRawSocketOption(Tcp, UserTimeout, BitConverter.GetBytes((int)timeout.TotalMilliseconds));
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It is gone already.
        }
    }
}
