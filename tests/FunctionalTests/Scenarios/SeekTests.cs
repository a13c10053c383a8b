using System.Net;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;
using EventBroker.FunctionalTests.Streams;
using EventBroker.Protos.Broker.V1;
using EventBroker.Protos.Event.V1;
using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Tests.Transports.Bare;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace EventBroker.FunctionalTests.Scenarios;

// Moving the place of a worker group or consumer id.
public sealed class SeekTests
{
    [Theory]
    [InlineData(StreamProtocol.Grpc, StreamMode.WorkerPool, "worker_group")]
    [InlineData(StreamProtocol.Sse, StreamMode.WorkerPool, "worker_group")]
    [InlineData(StreamProtocol.WebSocket, StreamMode.WorkerPool, "worker_group")]
    [InlineData(StreamProtocol.Grpc, StreamMode.ConsumerId, "consumer_id")]
    [InlineData(StreamProtocol.Sse, StreamMode.ConsumerId, "consumer_id")]
    [InlineData(StreamProtocol.WebSocket, StreamMode.ConsumerId, "consumer_id")]
    public async Task An_open_stream_goes_on_from_the_new_place_and_holds_nothing_of_the_old_one(StreamProtocol protocol, StreamMode mode, string kind)
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        await using var client = await StreamClient.OpenAsync(host, protocol, StreamOptions.Of(mode));
        await host.Http.PublishAsync("e", "m-1");
        await host.Http.PublishAsync("e", "m-2");
        Assert.Equal("settled", await client.SettleAsync((await client.ReadAsync()).AckId));
        var held = await client.ReadAsync();

        using var response = await host.Http.PostTextAsync("/v1/events/e/seek", $$"""{"{{kind}}":"n","start_from":"START_POSITION_BEGINNING"}""");

        Assert.Equal((HttpStatusCode.OK, "{}"), (response.StatusCode, await response.Content.ReadAsStringAsync()));
        await client.ExpectAsync("m-1", 0);
        await client.ExpectAsync("m-2", 0);
        Assert.Equal("expired", await client.SettleAsync(held.AckId));
    }

    [Fact]
    public async Task A_place_is_moved_to_the_end_to_a_time_and_behind_a_cursor()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        var channel = host.OpenChannel();
        var broker = new BrokerService.BrokerServiceClient(channel);
        var cursors = new List<string>();
        var times = new List<Timestamp>();
        await using (var reader = await StreamClient.OpenAsync(host, StreamProtocol.Grpc))
        {
            foreach (var id in new[] { "m-1", "m-2", "m-3" })
            {
                times.Add(Timestamp.FromDateTimeOffset(host.Time.GetUtcNow()));
                await host.Http.PublishAsync("e", id);
                cursors.Add((await reader.ReadAsync()).Cursor);
                host.Time.Advance(TimeSpan.FromSeconds(1));
            }
        }

        await MoveAsync("m-2", new SeekRequest { StartFrom = StartPosition.Timestamp, StartTime = times[1] });
        await MoveAsync("m-3", new SeekRequest { ResumeAfter = cursors[1] });
        await MoveAsync("m-1", new SeekRequest { StartFrom = StartPosition.Beginning });
        await broker.SeekAsync(new SeekRequest { Event = "e", WorkerGroup = "", StartFrom = StartPosition.Latest });
        await host.Http.PublishAsync("e", "m-4");
        await ExpectAsync("m-4");

        async Task MoveAsync(string next, SeekRequest request)
        {
            // Of a group that does not exist at first: it is made there.
            request.Event = "e";
            request.WorkerGroup = "";
            await broker.SeekAsync(request);
            await ExpectAsync(next);
        }

        async Task ExpectAsync(string next)
        {
            await using var worker = await StreamClient.OpenAsync(host, StreamProtocol.Grpc, new StreamOptions { Mode = StreamMode.WorkerPool });
            Assert.Equal(next, (await worker.ReadAsync()).Id);
        }
    }

    public static TheoryData<SeekRequest, string> Contradictions => new()
    {
        { new SeekRequest { StartFrom = StartPosition.Beginning }, "worker_group" },
        { new SeekRequest { ConsumerId = "", StartFrom = StartPosition.Beginning }, "consumer_id" },
        { new SeekRequest { WorkerGroup = "-g", StartFrom = StartPosition.Beginning }, "worker_group" },
        { new SeekRequest { ConsumerId = "c\n", StartFrom = StartPosition.Beginning }, "consumer_id" },
        { new SeekRequest { WorkerGroup = "g" }, "start_from" },
        { new SeekRequest { WorkerGroup = "g", StartFrom = (StartPosition)7 }, "start_from is 7" },
        { new SeekRequest { WorkerGroup = "g", StartFrom = StartPosition.Timestamp }, "start_time" },
        { new SeekRequest { WorkerGroup = "g", StartFrom = StartPosition.Latest, StartTime = new Timestamp() }, "start_time" },
        { new SeekRequest { WorkerGroup = "g", StartFrom = StartPosition.Timestamp, StartTime = new Timestamp { Seconds = long.MaxValue } }, "start_time" },
        { new SeekRequest { WorkerGroup = "g", StartFrom = StartPosition.Latest, ResumeAfter = "0-1" }, "resume_after" },
        { new SeekRequest { WorkerGroup = "g", ResumeAfter = "no cursor" }, "cursor" },
        { new SeekRequest { WorkerGroup = "g", ResumeAfter = new string('x', 3000) }, "resume_after" },
        { new SeekRequest { Event = "-", WorkerGroup = "g", StartFrom = StartPosition.Latest }, "an event name has" },
    };

    [Theory]
    [MemberData(nameof(Contradictions))]
    public async Task What_contradicts_itself_is_refused_by_its_name(SeekRequest request, string named)
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        request.Event = request.Event.Length == 0 ? "e" : request.Event;
        var broker = new BrokerService.BrokerServiceClient(host.OpenChannel());

        var refused = await Assert.ThrowsAsync<RpcException>(async () => await broker.SeekAsync(request));

        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.Contains(named, refused.Status.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 3)]
    [InlineData("{bad", 3)]
    [InlineData("""{"start_from":"START_POSITION_BEGINNING"}""", 3)]
    [InlineData("""{"worker_group":"g","consumer_id":"c","start_from":"START_POSITION_BEGINNING"}""", 3)]
    [InlineData("""{"worker_group":"g","start_from":"START_POSITION_MIDDLE"}""", 3)]
    [InlineData("""{"worker_group":"g","start_from":"START_POSITION_TIMESTAMP","start_time":"yesterday"}""", 3)]
    public async Task A_body_that_makes_no_sense_is_answered_with_400(string body, int code)
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");

        using var response = await host.Http.PostTextAsync("/v1/events/e/seek", body);

        var (status, actual, _) = await RestClient.ErrorOfAsync(response);
        Assert.Equal((HttpStatusCode.BadRequest, code), (status, actual));
    }

    [Fact]
    public async Task The_empty_name_is_that_of_the_default_group_over_REST_as_well()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        await host.Http.PublishAsync("e", "m-1");

        using var response = await host.Http.PostTextAsync("/v1/events/e/seek", """{"workerGroup":"","startFrom":"START_POSITION_BEGINNING"}""");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await using var worker = await StreamClient.OpenAsync(host, StreamProtocol.Sse, new StreamOptions { Mode = StreamMode.WorkerPool });
        Assert.Equal("m-1", (await worker.ReadAsync()).Id);
    }

    [Fact]
    public async Task Moving_a_place_is_authorized_by_itself()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        host.Authorizer.Decide = static request => request.Operation == BrokerOperation.Seek
            ? AuthorizationDecision.Deny("test", "not moved by everybody")
            : AuthorizationDecision.Allow;

        using var response = await host.Http.PostTextAsync("/v1/events/e/seek", """{"worker_group":"g","start_from":"START_POSITION_LATEST"}""");

        Assert.Equal((HttpStatusCode.Forbidden, 7, "not moved by everybody"), await RestClient.ErrorOfAsync(response));
    }

    [Fact]
    public async Task An_event_that_is_unknown_is_not_found_and_a_transport_that_can_not_says_so()
    {
        await using var bare = new BareTransport();
        await using var host = await BrokerHost.StartAsync();
        await using var other = await BrokerHost.StartAsync(transport: bare);
        await other.Http.RegisterAsync("e");
        const string Body = """{"worker_group":"g","start_from":"START_POSITION_LATEST"}""";

        using var unknown = await host.Http.PostTextAsync("/v1/events/none/seek", Body);
        using var unable = await other.Http.PostTextAsync("/v1/events/e/seek", Body);

        Assert.Equal((HttpStatusCode.NotFound, 5, "event not registered"), await RestClient.ErrorOfAsync(unknown));
        var (status, code, message) = await RestClient.ErrorOfAsync(unable);
        Assert.Equal((HttpStatusCode.BadRequest, 9), (status, code));
        Assert.Contains("seek", message, StringComparison.Ordinal);
    }
}
