using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;
using EventBroker.FunctionalTests.Streams;
using EventBroker.FunctionalTests.Transports;
using EventBroker.Protos.Event.V1;
using EventBroker.Sdk.Transports;

namespace EventBroker.FunctionalTests.Scenarios;

// Cursors of every length that a transport may make, there and back.
public sealed class CursorLengthTests
{
    public static TheoryData<StreamProtocol, int> Lengths
    {
        get
        {
            // Around where a length takes a second byte, and where a frame does not fit into one piece.
            var all = new TheoryData<StreamProtocol, int>();
            foreach (var protocol in Enum.GetValues<StreamProtocol>())
            {
                foreach (var length in new[] { 127, 128, 1900, ResumeCursor.MaxLength })
                {
                    all.Add(protocol, length);
                }
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public async Task A_cursor_leads_back_to_its_place(StreamProtocol protocol, int length)
    {
        await using var host = await BrokerHost.StartAsync(decorate: inner => new LongCursors(inner, length));
        await host.Http.RegisterAsync("e");
        string cursor;
        await using (var client = await StreamClient.OpenAsync(host, protocol))
        {
            await host.Http.PublishAsync("e", "m-1", new string('x', 200));
            cursor = (await client.ReadAsync()).Cursor;
            Assert.Equal(length, cursor.Length);
        }

        await host.Http.PublishAsync("e", "m-2");
        await using var resumed = await StreamClient.OpenAsync(host, protocol, new StreamOptions { ResumeAfter = cursor });

        Assert.Equal("m-2", (await resumed.ReadAsync()).Id);
        Assert.Equal("exact", resumed.Resumed);
    }

    [Fact]
    public async Task The_longest_event_id_comes_back_as_a_header()
    {
        await using var host = await BrokerHost.StartAsync(decorate: static inner => new LongCursors(inner, ResumeCursor.MaxLength));
        await host.Http.RegisterAsync("e");
        string? last;
        await using (var first = await SseClient.OpenAsync(host.Http, "/v1/events/e/stream?auto_ack=true"))
        {
            await host.Http.PublishAsync("e", "m-1");
            last = (await first.ReadAsync())?.Id;
            Assert.Equal(ResumeCursor.MaxLength, last?.Length);
        }

        await host.Http.PublishAsync("e", "m-2");
        await using var second = await SseClient.OpenAsync(host.Http, "/v1/events/e/stream", last);

        Assert.Equal("resumed", (await second.ReadAsync())?.Name);
        Assert.Equal("m-2", (await second.ReadMessageAsync()).GetProperty("id").GetString());
    }

    [Fact]
    public async Task The_longest_start_cursor_fits_into_the_headers()
    {
        await using var host = await BrokerHost.StartAsync(decorate: static inner => new LongCursors(inner, ResumeCursor.MaxLength));
        await host.Http.RegisterAsync("e");
        var client = new EventService.EventServiceClient(host.OpenChannel());
        string cursor;
        using (var cut = client.Subscribe(new SubscribeRequest { Event = "e" }))
        {
            cursor = (await cut.ResponseHeadersAsync).GetValue("eventbroker-cursor")!;
            Assert.Equal(ResumeCursor.MaxLength, cursor.Length);
        }

        await host.Http.PublishAsync("e", "m-1");
        using var call = client.Subscribe(new SubscribeRequest { Event = "e", ResumeAfter = cursor });

        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal("m-1", call.ResponseStream.Current.Id);
    }
}
