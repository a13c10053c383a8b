using System.Net;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;
using EventBroker.FunctionalTests.Streams;
using EventBroker.FunctionalTests.Transports;
using EventBroker.Protos.Event.V1;
using EventBroker.Sdk.Transports;
using Google.Protobuf;
using Grpc.Core;

namespace EventBroker.FunctionalTests.Scenarios;

// What is accepted can be delivered: the limit counts the message with everything that a delivery adds.
public sealed class MessageLimitTests
{
    // The receive limit of gRPC clients, which this test's have, too.
    private const int Limit = 4 * 1024 * 1024;

    [Theory]
    [InlineData(0)]
    [InlineData(ResumeCursor.MaxLength)]
    public async Task The_largest_message_that_is_accepted_reaches_a_client_with_the_usual_receive_limit(int cursorLength)
    {
        await using var host = await BrokerHost.StartAsync(decorate: cursorLength == 0 ? null : inner => new LongCursors(inner, cursorLength));
        await host.Http.RegisterAsync("e");
        var client = new EventService.EventServiceClient(host.OpenChannel());
        await using var stream = await StreamClient.OpenAsync(host, StreamProtocol.Grpc);

        // Within 4 KiB below the limit lies the largest payload.
        var (accepted, refused) = (Limit - 4096, Limit);
        while (refused - accepted > 1)
        {
            var size = (accepted + refused) / 2;
            if (await IsAcceptedAsync(client, size))
            {
                accepted = size;
                var message = await stream.ReadAsync();
                Assert.Equal("m-1", message.Id);
                await stream.SettleAsync(message.AckId);
            }
            else
            {
                refused = size;
            }
        }

        // What stands behind it is reached, and it comes a second time.
        Assert.True(await IsAcceptedAsync(client, accepted));
        await host.Http.PublishAsync("e", "m-2");
        var largest = await stream.ReadAsync();
        await stream.ExpectAsync("m-2", 0);
        await stream.SettleAsync(largest.AckId, "again", TimeSpan.Zero);
        await stream.ExpectAsync("m-1", 1);

        using var response = await host.Http.PostTextAsync("/v1/events/e/messages", Json(refused));
        var (status, code, _) = await RestClient.ErrorOfAsync(response);
        Assert.Equal((HttpStatusCode.TooManyRequests, 8), (status, code));
        using var largestByRest = await host.Http.PostTextAsync("/v1/events/e/messages", Json(accepted));
        Assert.Equal(HttpStatusCode.OK, largestByRest.StatusCode);
    }

    private static string Json(int size) => $$"""{"id":"m-1","payload":"{{Convert.ToBase64String(new byte[size])}}"}""";

    private static async Task<bool> IsAcceptedAsync(EventService.EventServiceClient client, int size)
    {
        try
        {
            await client.PublishAsync(new PublishRequest { Event = "e", Id = "m-1", Payload = UnsafeByteOperations.UnsafeWrap(new byte[size]) });
            return true;
        }
        catch (RpcException refused) when (refused.StatusCode == StatusCode.ResourceExhausted)
        {
            return false;
        }
    }
}
