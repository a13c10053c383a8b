using System.Net;
using System.Net.Sockets;

namespace EventBroker.Tests.Ports;

// A loopback port that stays ours while nobody listens on it: connections are refused then, and the system gives it to nobody else.
internal sealed class ReservedPort : IDisposable
{
    private readonly Socket _holder = CreateSocket();

    public ReservedPort() => _holder.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    public IPEndPoint EndPoint => (IPEndPoint)_holder.LocalEndPoint!;

    public Socket Bind()
    {
        var socket = CreateSocket();
        socket.Bind(EndPoint);
        return socket;
    }

    public void Dispose() => _holder.Dispose();

    private static Socket CreateSocket()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, optionValue: true);
        return socket;
    }
}
