using System.Collections.Concurrent;
using EventBroker.Client.Tests.GoServer;
using EventBroker.Client.Tests.Hosting;
using Grpc.Core;

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

    [Fact]
    public async Task A_message_above_the_limit_ends_the_subscription_instead_of_coming_again_and_again()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var publisher = Clients.Open(broker.Address);
        await using var client = Clients.Open(broker.Address, static o => o.MaxMessageBytes = 1024);
        await publisher.RegisterAsync("e");
        var faults = new ConcurrentQueue<SubscriptionFault>();
        await using var subscription = await client.SubscribeAsync("e", new SubscribeOptions { OnFault = faults.Enqueue });

        await publisher.PublishAsync("e", "small");
        Assert.Equal("small", (await subscription.NextAsync()).Id);
        await publisher.PublishAsync("e", new OutgoingMessage { Payload = new byte[2000] });

        var exception = await Assert.ThrowsAsync<EventBrokerException>(() => subscription.NextAsync());
        Assert.Equal(StatusCode.ResourceExhausted, exception.Code);
        Assert.StartsWith("a message of 'e' is larger than 1024 bytes: raise MaxMessageBytes", exception.Message, StringComparison.Ordinal);
        Assert.Null(Assert.Single(faults).RetryAfter);
    }
}
