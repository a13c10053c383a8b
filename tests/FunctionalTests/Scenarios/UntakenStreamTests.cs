using System.Net.Sockets;
using System.Text;
using EventBroker.Client.Tests.Hosting;
using EventBroker.FunctionalTests.Clients;
using EventBroker.Protos.Broker.V1;
using Grpc.Net.Client;

namespace EventBroker.FunctionalTests.Scenarios;

public sealed class UntakenStreamTests
{
    private const int Streams = 10;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    // Cut by the system, in the midst of a write: the server takes that for a fault of its own.
    [Fact]
    public async Task Clients_that_take_nothing_are_no_errors_in_the_log()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "writeTimeout is kept by Linux only; run it there.");
        await using var broker = new BrokerProcess(transport: """{ "plugin": "memory" }""", settings: "\"writeTimeout\": \"1s\",", autoRegister: true);
        await broker.StartAsync();
        using var http = new HttpClient { BaseAddress = broker.HttpAddress };
        await http.RegisterAsync("e");
        var stalled = new List<TcpClient>();
        for (var i = 0; i < Streams; i++)
        {
            stalled.Add(await SubscribeAsync(broker.HttpAddress, $"c-{i}"));
        }

        // More than all buffers in between hold.
        for (var i = 0; i < 8; i++)
        {
            await http.PublishAsync("e", $"m-{i}", new string('x', 1024 * 1024));
        }

        await UntilAllAreGoneAsync(broker.Address);
        await broker.StopAsync();
        stalled.ForEach(static client => client.Dispose());
        Assert.DoesNotContain(broker.Warnings, static line => line.Contains(" ERR ", StringComparison.Ordinal));
    }

    // Over a WebSocket; with the first byte of the answer it is subscribed.
    private static async Task<TcpClient> SubscribeAsync(Uri address, string consumer)
    {
        var client = new TcpClient { ReceiveBufferSize = 1 };
        await client.ConnectAsync(address.Host, address.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"GET /v1/events/e/subscribe?consumer_id={consumer} HTTP/1.1\r\nHost: {address.Authority}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
        Assert.Equal(1, await client.GetStream().ReadAsync(new byte[1]));
        return client;
    }

    private static async Task UntilAllAreGoneAsync(Uri address)
    {
        using var channel = GrpcChannel.ForAddress(address);
        var client = new BrokerService.BrokerServiceClient(channel);
        using var patience = new CancellationTokenSource(Patience);
        while ((await client.DescribeEventAsync(new DescribeEventRequest { Event = "e" })).Places.Any(static place => place.Members > 0))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, patience.Token);
        }
    }
}
