using System.Net;
using System.Net.Sockets;

namespace EventBroker.Client.Tests.Faults;

internal sealed class ProxiedConnection(Socket client, Gate toServer, Gate toClient) : IDisposable
{
    private readonly CancellationTokenSource _reset = new();
    private Socket _server = CreateSocket();

    // To the first target that takes it.
    public async Task RunAsync(params IPEndPoint[] targets)
    {
        client.NoDelay = true;
        try
        {
            await ConnectAsync(targets);
            await Task.WhenAll(PumpAsync(client, _server, toServer), PumpAsync(_server, client, toClient));
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // One side is gone: so is the other.
        }
        finally
        {
            Reset();
            Dispose();
        }
    }

    public void Dispose()
    {
        client.Dispose();
        _server.Dispose();
        _reset.Dispose();
    }

    // Both ends see a reset.
    public void Reset()
    {
        try
        {
            _reset.Cancel();
        }
        catch (ObjectDisposedException)
        {
            return;
        }

        foreach (var socket in new[] { client, _server })
        {
            try
            {
                socket.LingerState = new LingerOption(enable: true, seconds: 0);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // Closed already.
            }

            socket.Dispose();
        }
    }

    private async Task PumpAsync(Socket from, Socket to, Gate gate)
    {
        try
        {
            var buffer = new byte[64 * 1024];
            while (true)
            {
                var read = await from.ReceiveAsync(buffer, _reset.Token);
                if (!await gate.PassesAsync(read, _reset.Token))
                {
                    continue;
                }

                if (read == 0)
                {
                    to.Shutdown(SocketShutdown.Send);
                    return;
                }

                for (var sent = 0; sent < read;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), _reset.Token);
                }
            }
        }
        catch
        {
            await _reset.CancelAsync();
            throw;
        }
    }

    private static Socket CreateSocket() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    private async Task ConnectAsync(IPEndPoint[] targets)
    {
        for (var i = 0; ; i++)
        {
            try
            {
                await _server.ConnectAsync(targets[i], _reset.Token);
                return;
            }
            catch (SocketException) when (i < targets.Length - 1)
            {
                _server.Dispose();
                _server = CreateSocket();
            }
        }
    }
}
