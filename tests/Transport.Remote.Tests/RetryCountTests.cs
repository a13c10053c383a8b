using EventBroker.FunctionalTests.Clients;
using EventBroker.Protos.Event.V1;
using EventBroker.Sdk.Tests.Transports.Bare;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Remote.Tests.Hosting;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using DeliveryMode = EventBroker.Protos.Event.V1.DeliveryMode;

namespace EventBroker.Transport.Remote.Tests;

// The retry count is the number of times that a message was handed over before, whichever of the two brokers it was handed over by.
public sealed class RetryCountTests
{
    [Fact]
    public async Task Each_nack_in_front_counts_once()
    {
        await using var pair = await BrokerPair.StartAsync();
        await pair.Front.Http.RegisterAsync("jobs");
        await using var worker = await FrontSubscriber.OpenAsync(pair.Front, "grpc", "jobs");
        await pair.Front.Http.PublishAsync("jobs", "m-1");

        for (var round = 0; round < 4; round++)
        {
            var (id, retries, ackId) = await worker.ReadAsync();
            Assert.Equal(("m-1", round), (id, retries));
            Assert.Equal("ACK_RESULT_SETTLED", await pair.Front.Http.SettleAsync(ackId, "not yet"));

            // The broker behind waits, as the one in front has asked it to.
            pair.Behind.Time.Advance(TimeSpan.FromSeconds(10));
        }
    }

    [Theory]
    [InlineData("grpc")]
    [InlineData("websocket")]
    [InlineData("sse")]
    public async Task A_worker_that_closes_counts_once_wherever_the_next_one_is(string protocol)
    {
        await using var pair = await BrokerPair.StartAsync();
        await pair.Front.Http.RegisterAsync("jobs");
        var worker = await FrontSubscriber.OpenAsync(pair.Front, protocol, "jobs");
        await pair.Front.Http.PublishAsync("jobs", "m-1");

        for (var round = 0; round < 4; round++)
        {
            Assert.Equal(("m-1", round), await worker.ReadHandedOverAsync());
            await worker.DisposeAsync();
            worker = await FrontSubscriber.OpenAsync(round % 2 == 0 ? pair.Behind : pair.Front, protocol, "jobs");
        }

        await worker.DisposeAsync();
    }

    [Fact]
    public async Task Deadlines_that_pass_in_front_count_once_each_and_so_does_the_close_after_them()
    {
        await using var pair = await BrokerPair.StartAsync(watchesReads: true);
        await pair.Front.Http.RegisterAsync("jobs");
        await using var worker = await FrontSubscriber.OpenAsync(pair.Front, "grpc", "jobs");
        await pair.Front.Http.PublishAsync("jobs", "m-1");

        for (var round = 0; round < 3; round++)
        {
            Assert.Equal(("m-1", round), await worker.ReadHandedOverAsync());
            await pair.ReadsInFront!.HandedOverAsync();
            pair.Front.Time.Advance(TimeSpan.FromSeconds(30));
        }

        Assert.Equal(("m-1", 3), await worker.ReadHandedOverAsync());
        await worker.DisposeAsync();
        await using var other = await FrontSubscriber.OpenAsync(pair.Behind, "sse", "jobs");
        var (id, retries, _) = await other.ReadAsync();
        Assert.Equal(("m-1", 4), (id, retries));
    }

    [Fact]
    public async Task Where_the_broker_behind_can_only_emulate_redelivery_the_one_in_front_does_and_keeps_its_window_free()
    {
        await using var transport = new BareTransport(TransportCapability.WorkerGroups);
        await using var pair = await BrokerPair.StartAsync(transportBehind: transport, watchesReads: true);
        await pair.Front.Http.RegisterAsync("jobs");
        var client = new EventService.EventServiceClient(pair.Front.OpenChannel());
        using var call = client.Subscribe(new SubscribeRequest { Event = "jobs", DeliveryMode = DeliveryMode.WorkerPool, MaxInFlight = 1 });
        await call.ResponseHeadersAsync;

        await pair.Front.Http.PublishAsync("jobs", "a");
        Assert.Equal(("a", 0), await ReadAsync(call, "later"));
        await pair.Front.Http.PublishAsync("jobs", "b");
        Assert.Equal(("b", 0), await ReadAsync(call, ""));
        await pair.ReadsInFront!.HandedOverAsync();
        pair.Front.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(("a", 1), await ReadAsync(call, ""));

        async Task<(string Id, int RetryCount)> ReadAsync(AsyncServerStreamingCall<Message> stream, string error)
        {
            Assert.True(await stream.ResponseStream.MoveNext());
            var message = stream.ResponseStream.Current;
            var entry = new AckEntry { AckId = message.AckId, Error = error };
            if (error.Length > 0)
            {
                entry.NackDelay = Duration.FromTimeSpan(TimeSpan.FromMinutes(1));
            }

            Assert.Equal([AckResult.Settled], (await client.AckAsync(new AckRequest { Entries = { entry } })).Results);
            return (message.Id, message.RetryCount);
        }
    }
}
