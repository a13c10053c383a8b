using System.Net.Sockets;
using System.Text;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;
using EventBroker.Protos.Broker.V1;
using EventBroker.Protos.Event.V1;
using EventBroker.Sdk.Settings;
using Google.Protobuf;
using Grpc.Core;

namespace EventBroker.FunctionalTests.Scenarios;

public sealed class SlowSubscriberTests
{
    private const int Batches = 100;
    private const int BatchSize = 100;

    [Fact]
    public async Task A_subscriber_that_never_reads_holds_up_nobody_and_is_told_what_it_missed()
    {
        // The system would cut a connection that takes nothing for long; how long all this takes is the machine's affair.
        await using var host = await BrokerHost.StartAsync(
            options: static o => o.WriteTimeout = TimeSpan.Zero, memory: static m => m.MaxBytesPerEvent = ByteSize.FromMebibytes(4));
        await host.Http.RegisterAsync("e");

        // Over a socket of its own, so that nothing reads ahead for it.
        using var silent = new TcpClient { ReceiveBufferSize = 8192 };
        await silent.ConnectAsync(host.HttpAddress.Host, host.HttpAddress.Port);
        var stream = silent.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET /v1/events/e/stream?auto_ack=true HTTP/1.1\r\nHost: {host.HttpAddress.Authority}\r\n\r\n"));
        Assert.Equal((byte)'H', (byte)stream.ReadByte());

        var channel = host.OpenChannel();
        using var reading = new EventService.EventServiceClient(channel).Subscribe(new SubscribeRequest { Event = "e", AutoAck = true });
        await reading.ResponseHeadersAsync;
        var received = CountAsync(reading.ResponseStream, Batches * BatchSize);
        var publisher = new BrokerService.BrokerServiceClient(channel);
        var batch = new PublishBatchRequest();
        for (var i = 0; i < BatchSize; i++)
        {
            batch.Messages.Add(new PublishItem { Event = "e", Payload = ByteString.CopyFrom(new byte[2000]) });
        }

        for (var i = 0; i < Batches; i++)
        {
            Assert.Empty((await publisher.PublishBatchAsync(batch)).Failures);
        }

        // What the reader missed for being slower than the publisher counts as well: nothing is lost silently.
        await received;

        // Now the silent one reads: sooner or later a message tells of a gap.
        using var text = new StreamReader(stream);
        string? line;
        do
        {
            line = await text.ReadLineAsync();
            Assert.NotNull(line);
        }
        while (!line.Contains("\"missed\":", StringComparison.Ordinal));
    }

    private static async Task CountAsync(IAsyncStreamReader<Message> messages, long all)
    {
        long count = 0;
        while (count < all)
        {
            Assert.True(await messages.MoveNext());
            count += 1 + messages.Current.Missed;
        }

        Assert.Equal(all, count);
    }
}
