using System.Globalization;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;
using EventBroker.FunctionalTests.Streams;
using EventBroker.FunctionalTests.Transports;

namespace EventBroker.FunctionalTests.Scenarios;

// What a client has got counts, wherever its stream ended.
public sealed class EndOfStreamTests
{
    // What a stream takes at a time. The end is found when it asks for the next, with these written and not flushed.
    private const int Count = 64;

    [Theory]
    [InlineData(StreamProtocol.Grpc, StreamMode.WorkerPool)]
    [InlineData(StreamProtocol.Grpc, StreamMode.ConsumerId)]
    [InlineData(StreamProtocol.Sse, StreamMode.WorkerPool)]
    [InlineData(StreamProtocol.Sse, StreamMode.ConsumerId)]
    [InlineData(StreamProtocol.WebSocket, StreamMode.WorkerPool)]
    [InlineData(StreamProtocol.WebSocket, StreamMode.ConsumerId)]
    public async Task What_was_written_when_the_subscription_ended_arrives_and_comes_again_with_a_higher_count(
        StreamProtocol protocol, StreamMode mode)
    {
        await using var host = await BrokerHost.StartAsync(decorate: static inner => new EndingReads(inner, Count));
        await host.Http.RegisterAsync("e");
        for (var i = 0; i <= Count; i++)
        {
            await host.PublishAsync("e", Name(i), []);
        }

        var options = StreamOptions.Of(mode) with { StartFrom = "beginning" };
        await using (var first = await StreamClient.OpenAsync(host, protocol, options))
        {
            for (var i = 0; i < Count; i++)
            {
                await first.ExpectAsync(Name(i), 0);
            }
        }

        await host.Requests.FallToAsync(0);
        await using var second = await StreamClient.OpenAsync(host, protocol, options);
        for (var i = 0; i < Count; i++)
        {
            await second.ExpectAsync(Name(i), 1);
        }

        await second.ExpectAsync(Name(Count), 0);
    }

    private static string Name(int i) => i.ToString(CultureInfo.InvariantCulture);
}
