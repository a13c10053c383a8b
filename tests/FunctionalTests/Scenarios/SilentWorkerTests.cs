using EventBroker.Broker;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;
using EventBroker.FunctionalTests.Streams;

namespace EventBroker.FunctionalTests.Scenarios;

// Workers whose connections take everything and from whom nothing is heard.
public sealed class SilentWorkerTests
{
    // After so many deadlines without a word the broker takes a worker for gone.
    private const int Rounds = 3;

    private static readonly BrokerOptions Default = new();
    private static readonly StreamOptions Worker = StreamOptions.Of(StreamMode.WorkerPool);

    [Theory]
    [InlineData(StreamProtocol.Grpc)]
    [InlineData(StreamProtocol.Sse)]
    [InlineData(StreamProtocol.WebSocket)]
    public async Task What_a_worker_lets_expire_goes_to_another_first(StreamProtocol protocol)
    {
        WatchedReads reads = null!;
        await using var host = await BrokerHost.StartAsync(decorate: inner => reads = new WatchedReads(inner));
        await host.Http.RegisterAsync("e");
        await using var silent = await StreamClient.OpenAsync(host, protocol, Worker);
        await host.Http.PublishAsync("e", "m-1");
        var expired = await silent.ReadAsync();
        await using var other = await StreamClient.OpenAsync(host, protocol, Worker);

        await reads.HandedOverAsync();
        host.Time.Advance(Default.AckTimeout);

        await other.ExpectAsync("m-1", 1);
        Assert.Equal("expired", await silent.SettleAsync(expired.AckId));
    }

    [Theory]
    [InlineData(StreamProtocol.Grpc)]
    [InlineData(StreamProtocol.Sse)]
    [InlineData(StreamProtocol.WebSocket)]
    public async Task A_worker_that_stays_silent_gets_nothing_until_it_speaks(StreamProtocol protocol)
    {
        WatchedReads reads = null!;
        await using var host = await BrokerHost.StartAsync(decorate: inner => reads = new WatchedReads(inner));
        await host.Http.RegisterAsync("e");
        await using var silent = await StreamClient.OpenAsync(host, protocol, Worker);
        await host.Http.PublishAsync("e", "m-1");
        var received = await silent.ReadAsync();
        for (var round = 1; round <= Rounds; round++)
        {
            Assert.Equal(round - 1, received.RetryCount);
            await reads.HandedOverAsync();
            host.Time.Advance(Default.AckTimeout);
            if (round < Rounds)
            {
                received = await silent.ReadAsync();
            }
        }

        await using (var other = await StreamClient.OpenAsync(host, protocol, Worker))
        {
            await other.ExpectAsync("m-1", Rounds);
            for (var i = 2; i < 10; i++)
            {
                await host.Http.PublishAsync("e", $"m-{i}");
                var message = await other.ReadAsync();
                Assert.Equal($"m-{i}", message.Id);
                await other.SettleAsync(message.AckId);
            }
        }

        Assert.Equal("expired", await silent.SettleAsync(received.AckId));
        await silent.ExpectAsync("m-1", Rounds + 1);
    }
}
