using System.Collections.Concurrent;
using EventBroker.Client.Tests.Faults;
using EventBroker.Client.Tests.GoServer;
using EventBroker.Client.Tests.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace EventBroker.Client.Tests.Subscriptions;

public sealed class BufferTests
{
    private const int Messages = 1000;
    private const int Size = 64 * 1024;

    [Theory]
    [InlineData(10, int.MaxValue)]
    [InlineData(100_000, 10 * Size)]
    public async Task A_slow_program_is_felt_by_the_server(int count, int bytes)
    {
        await using var server = await GoEventServer.CreateAsync();
        await using var client = Clients.Open(server.Address);
        await client.RegisterAsync("e");
        await using var subscription = await client.SubscribeAsync("e", new SubscribeOptions { BufferSize = count, BufferBytes = bytes });
        var payload = new byte[Size];
        for (var i = 0; i < Messages; i++)
        {
            await client.PublishAsync("e", new OutgoingMessage { Id = $"{i}", Payload = payload });
        }

        // Nothing was taken: what the connection holds beyond the buffer is bounded by the windows of HTTP/2 and TCP, and the rest of
        // 64 MB stays with the server.
        await server.Service.Written.ReachAsync(10);
        Assert.InRange(server.Service.Written.Value, 10, Messages - 100);

        var taken = await subscription.NextAsync(Messages);
        Assert.Equal(Enumerable.Range(0, Messages).Select(static i => $"{i}"), taken.Select(static d => d.Id));
    }

    // Nobody reads then; whoever looks at the program's health must know all the same, and what waits in it is not lost.
    [Theory]
    [InlineData(3)]
    [InlineData(200)]
    public async Task A_cut_is_noticed_while_the_buffer_is_full(int messages)
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var proxy = new FaultProxy(broker.Address);
        await using var publisher = Clients.Open(broker.Address);
        await publisher.RegisterAsync("e");
        using var received = new ReceivedMessages();
        await using var client = new RemoteTransport(Clients.Options(proxy.Address), meterFactory: received.Meters);
        var (faults, openings) = (new Counted(), new Counted());
        await using var subscription = await client.SubscribeAsync("e", new SubscribeOptions
        {
            AutoAck = true,
            BufferSize = 1,
            OnFault = _ => faults.Increment(),
            OnOpened = _ => openings.Increment(),
        });
        for (var i = 0; i < messages; i++)
        {
            await publisher.PublishAsync("e", new OutgoingMessage { Id = $"{i}", Payload = new byte[Size] });
        }

        await received.ReachAsync(2);
        for (var cut = 1; cut <= 2; cut++)
        {
            await proxy.CutAsync();
            await faults.ReachAsync(cut);
            proxy.Restore();
            await openings.ReachAsync(1 + cut);
        }

        Assert.Equal(Enumerable.Range(0, messages).Select(static i => $"{i}"), (await subscription.NextAsync(messages)).Select(static d => d.Id));
    }

    [Fact]
    public async Task A_cut_of_the_Go_event_server_is_noticed_while_the_buffer_is_full()
    {
        await using var server = await GoEventServer.CreateAsync();
        await using var proxy = new FaultProxy(server.Address);
        await using var publisher = Clients.Open(server.Address);
        await publisher.RegisterAsync("e");
        await using var client = Clients.Open(proxy.Address);
        var faults = new Counted();
        await using var subscription = await client.SubscribeAsync("e", new SubscribeOptions { BufferSize = 1, OnFault = _ => faults.Increment() });
        for (var i = 0; i < 200; i++)
        {
            await publisher.PublishAsync("e", new OutgoingMessage { Id = $"{i}", Payload = new byte[Size] });
        }

        await server.Service.Written.ReachAsync(3);
        await proxy.CutAsync();

        await faults.ReachAsync(1);
        Assert.Equal(["0", "1"], (await subscription.NextAsync(2)).Select(static d => d.Id));
    }

    [Fact]
    public async Task A_message_larger_than_the_buffer_comes_through()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address);
        await client.RegisterAsync("e");
        await using var subscription = await client.SubscribeAsync("e", new SubscribeOptions { BufferBytes = 1 });

        await client.PublishAsync("e", new OutgoingMessage { Payload = new byte[1000] });
        await client.PublishAsync("e", new OutgoingMessage { Payload = new byte[2000] });

        Assert.Equal([1000, 2000], (await subscription.NextAsync(2)).Select(static d => d.Payload.Length));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("g")]
    public async Task A_message_above_the_limit_is_left_out_and_what_lies_behind_it_comes(string? group)
    {
        var time = new FakeTimeProvider();
        WatchedReads reads = null!;
        await using var broker = await EmbeddedBroker.CreateAsync(
            new EmbeddedBrokerSettings { Time = time, Decorate = inner => reads = new WatchedReads(inner) });
        await using var publisher = Clients.Open(broker.Address);
        using var log = new LogCollector();
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(log));
        var options = Clients.Options(broker.Address);
        options.MaxMessageBytes = 1024;
        await using var client = new RemoteTransport(options, loggers);
        await publisher.RegisterAsync("e");
        var faults = new ConcurrentQueue<SubscriptionFault>();
        await using var subscription = await client.SubscribeAsync("e", new SubscribeOptions { OnFault = faults.Enqueue, WorkerGroup = group });

        for (var round = 1; round <= 3; round++)
        {
            await publisher.PublishAsync("e", new OutgoingMessage { Id = $"large-{round}", Payload = new byte[2000] });
            await publisher.PublishAsync("e", $"small-{round}");
            var small = await subscription.NextAsync();
            Assert.Equal($"small-{round}", small.Id);
            await small.AckAsync();
        }

        await reads.HandedOverAsync();
        time.Advance(TimeSpan.FromHours(1));
        await publisher.PublishAsync("e", "last");
        Assert.Equal("last", (await subscription.NextAsync()).Id);
        Assert.Empty(faults);
        Assert.Equal(3, log.Errors.Count);
        Assert.All(log.Errors, static e => Assert.Contains("has 20", e, StringComparison.Ordinal));
    }
}
