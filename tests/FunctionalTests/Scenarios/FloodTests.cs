using System.Globalization;
using System.Net.Sockets;
using System.Text;
using EventBroker.Client.Tests.Hosting;

namespace EventBroker.FunctionalTests.Scenarios;

public sealed class FloodTests
{
    private const long MiB = 1024 * 1024;
    private const int Bodies = 192;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    // The server would keep the blocks of all connections at once for good, and what is no longer used is seen by a full collection only, which
    // in a quiet broker nothing brings about.
    [Fact]
    public async Task The_memory_that_a_flood_of_bodies_took_goes_back_when_it_is_over()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The process' memory is read from /proc; run it on Linux.");
        await using var broker = new BrokerProcess(transport: """{ "plugin": "memory" }""");
        await broker.StartAsync();
        var quiet = MemoryOf(broker.ProcessId);

        var connections = new List<TcpClient>();
        for (var i = 0; i < Bodies; i++)
        {
            connections.Add(await BeginBodyAsync(broker.HttpAddress));
        }

        // The server holds somewhat less of each.
        await UntilAsync(() => MemoryOf(broker.ProcessId) > quiet + (Bodies * MiB * 3 / 4));
        connections.ForEach(static c => c.Dispose());

        await UntilAsync(() => MemoryOf(broker.ProcessId) < quiet + (Bodies * MiB / 3));

        // That its clients went amid their bodies is not the broker's fault.
        Assert.Empty(broker.Warnings);
    }

    // All but the end of a message of 1 MiB and more.
    private static async Task<TcpClient> BeginBodyAsync(Uri address)
    {
        const int Sent = (int)MiB + (64 * 1024);
        var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        var head = Encoding.ASCII.GetBytes(
            $"POST /v1/events/e/messages HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Type: application/json\r\nContent-Length: {Sent + 1}\r\n\r\n");
        var body = new byte[Sent];
        body.AsSpan().Fill((byte)' ');
        await client.GetStream().WriteAsync(head);
        await client.GetStream().WriteAsync(body);
        return client;
    }

    // In bytes, without what is mapped from files.
    private static long MemoryOf(int process)
    {
        var line = File.ReadLines($"/proc/{process}/status").Single(static l => l.StartsWith("RssAnon:", StringComparison.Ordinal));
        return long.Parse(line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, patience.Token);
        }
    }
}
