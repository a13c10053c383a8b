using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;
using EventBroker.FunctionalTests.Streams;
using EventBroker.Protos.Event.V1;
using Google.Protobuf;
using Grpc.Core;

namespace EventBroker.FunctionalTests.Scenarios;

// Time that a subscriber asks for is time that it gets.
public sealed class ExtendTests
{
    private static readonly TimeSpan AckTimeout = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(StreamProtocol.Grpc, StreamMode.Broadcast)]
    [InlineData(StreamProtocol.Grpc, StreamMode.WorkerPool)]
    [InlineData(StreamProtocol.Sse, StreamMode.Broadcast)]
    [InlineData(StreamProtocol.Sse, StreamMode.ConsumerId)]
    [InlineData(StreamProtocol.WebSocket, StreamMode.Broadcast)]
    [InlineData(StreamProtocol.WebSocket, StreamMode.WorkerPool)]
    public async Task An_extended_message_stays_until_the_new_time_is_over(StreamProtocol protocol, StreamMode mode)
    {
        WatchedReads reads = null!;
        await using var host = await BrokerHost.StartAsync(decorate: inner => reads = new WatchedReads(inner));
        await host.Http.RegisterAsync("e");
        await using var client = await StreamClient.OpenAsync(host, protocol, StreamOptions.Of(mode) with { AckTimeout = AckTimeout });
        await host.Http.PublishAsync("e", "m-1");
        await host.Http.PublishAsync("e", "m-2");
        var first = await client.ReadAsync();
        var second = await client.ReadAsync();

        await reads.HandedOverAsync();
        Assert.Equal("settled", await client.SettleAsync(first.AckId, extend: TimeSpan.FromSeconds(60)));
        host.Time.Advance(AckTimeout);

        await client.ExpectAsync("m-2", 1);
        Assert.Equal("expired", await client.SettleAsync(second.AckId));
        await reads.HandedOverAsync();
        host.Time.Advance(TimeSpan.FromSeconds(49));
        Assert.Equal("settled", await client.SettleAsync(first.AckId, extend: TimeSpan.FromSeconds(5)));
        host.Time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal("settled", await client.SettleAsync(first.AckId));
    }

    // The message is read and extended while what stands behind it in the same flush has not left the broker yet.
    [Fact]
    public async Task An_extension_before_its_flush_has_ended_is_not_shortened_by_it()
    {
        WatchedReads reads = null!;
        await using var host = await BrokerHost.StartAsync(decorate: inner => reads = new WatchedReads(inner));
        await host.Http.RegisterAsync("e");
        var client = new EventService.EventServiceClient(host.OpenChannel());

        // Both are there when the stream begins, so they are written together.
        await host.PublishAsync("e", "m-1", []);
        await host.PublishAsync("e", "m-2", new byte[1024 * 1024]);
        using var call = client.Subscribe(new SubscribeRequest
        {
            Event = "e",
            StartFrom = StartPosition.Beginning,
            AckTimeout = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(AckTimeout),
        });
        Assert.True(await call.ResponseStream.MoveNext());
        var first = call.ResponseStream.Current;
        Assert.Equal("m-1", first.Id);

        // The client library takes in no more of the large one than the stream's window.
        var extended = await client.AckAsync(new AckRequest
        {
            Entries = { new AckEntry { AckId = first.AckId, Extend = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.FromSeconds(60)) } },
        });
        Assert.Equal(AckResult.Settled, Assert.Single(extended.Results));
        Assert.True(await call.ResponseStream.MoveNext());

        await reads.HandedOverAsync();
        host.Time.Advance(AckTimeout);

        var settled = await client.AckAsync(new AckRequest { Entries = { new AckEntry { AckId = first.AckId } } });
        Assert.Equal(AckResult.Settled, Assert.Single(settled.Results));
    }
}
