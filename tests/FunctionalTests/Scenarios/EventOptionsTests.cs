using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
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

// How an event is kept, from registering it to describing it.
public sealed class EventOptionsTests
{
    [Fact]
    public async Task Options_that_are_asked_for_are_in_force_and_shown()
    {
        await using var host = await BrokerHost.StartAsync();
        var channel = host.OpenChannel();
        var broker = new BrokerService.BrokerServiceClient(channel);
        var options = new EventOptions { Retention = Duration.FromTimeSpan(TimeSpan.FromMinutes(2)), MaxMessages = 2, MaxMessageBytes = 1000 };

        await new EventService.EventServiceClient(channel).RegisterEventAsync(new RegisterEventRequest { Name = "e", Options = options });

        for (var i = 0; i < 3; i++)
        {
            await host.Http.PublishAsync("e", $"m-{i}");
        }

        using var large = await host.Http.PostTextAsync("/v1/events/e/messages", $$"""{"payload":"{{Convert.ToBase64String(new byte[1000])}}"}""");
        Assert.Equal(HttpStatusCode.TooManyRequests, large.StatusCode);
        var described = await broker.DescribeEventAsync(new DescribeEventRequest { Event = "e" });
        Assert.Equal("e", described.Event);
        Assert.Equal((options.Retention, 2, 1000), (described.Options.Retention, described.Options.MaxMessages, described.Options.MaxMessageBytes));
        Assert.False(described.Options.HasPartitions);
        Assert.Equal(2, described.Messages);
        Assert.True(described.Bytes > 0);

        host.Time.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal(0, (await broker.DescribeEventAsync(new DescribeEventRequest { Event = "e" })).Messages);
    }

    [Theory]
    [InlineData("?options.retention=120s&options.max_messages=5", "")]
    [InlineData("?options.retention=120s&options.maxMessages=5", "")]
    [InlineData("", """{"options":{"retention":"120s","max_messages":"5"}}""")]
    [InlineData("", """{"name":"another","unknown":1,"options":{"retention":"120s","maxMessages":5}}""")]
    public async Task Options_come_over_REST_in_the_query_or_in_the_body(string query, string body)
    {
        await using var host = await BrokerHost.StartAsync();

        using var response = await host.Http.PostTextAsync("/v1/events/e" + query, body);

        Assert.Equal((HttpStatusCode.OK, "{}"), (response.StatusCode, await response.Content.ReadAsStringAsync()));
        var described = await host.Http.GetFromJsonAsync<JsonElement>(new Uri("/v1/events/e", UriKind.Relative));
        Assert.Equal("120s", described.GetProperty("options").GetProperty("retention").GetString());
        Assert.Equal("5", described.GetProperty("options").GetProperty("maxMessages").GetString());
    }

    [Theory]
    [InlineData("?options.retention=120s", """{"options":{"max_messages":5}}""", "options are given in the query and in the body")]
    [InlineData("?options.retentoin=120s", "", "'options.retentoin'")]
    [InlineData("?retention=120s", "", "'retention'; allowed: options.retention")]
    [InlineData("?options.retention=soon", "", "options.retention is 'soon'; allowed: seconds")]
    [InlineData("?options.retention=0.1s", "", "retention must be")]
    [InlineData("?options.retention=5s&options.retention=6s", "", "options.retention is given 2 times")]
    [InlineData("?options.max_messages=0", "", "max_messages")]
    [InlineData("?options.maxMessages=many", "", "options.maxMessages is 'many'; allowed: a whole number")]
    [InlineData("?options.partitions=99999999999", "", "options.partitions is '99999999999'; allowed: a whole number")]
    [InlineData("", """{"options":{"retention":"soon"}}""", "soon")]
    [InlineData("", """{"options":{"max_bytes":-1}}""", "max_bytes")]
    [InlineData("", "{bad", "invalid JSON")]
    [InlineData("", "[]", "invalid JSON")]
    public async Task Options_that_make_no_sense_are_refused(string query, string body, string named)
    {
        await using var host = await BrokerHost.StartAsync();

        using var response = await host.Http.PostTextAsync("/v1/events/e" + query, body);

        var (status, code, message) = await RestClient.ErrorOfAsync(response);
        Assert.Equal((HttpStatusCode.BadRequest, 3), (status, code));
        Assert.Contains(named, message, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await host.Http.GetErrorAsync("/v1/events/e")).Status);
    }

    [Fact]
    public async Task An_option_that_the_transport_does_not_know_is_refused_by_its_name()
    {
        await using var host = await BrokerHost.StartAsync();

        using var response = await host.Http.PostTextAsync("/v1/events/e?options.partitions=3", "");

        var (status, code, message) = await RestClient.ErrorOfAsync(response);
        Assert.Equal((HttpStatusCode.BadRequest, 9), (status, code));
        Assert.StartsWith("transport 'memory' can't honour partitions: ", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_places_of_groups_and_consumer_ids_are_shown_sorted()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        await using var consumer = await StreamClient.OpenAsync(host, StreamProtocol.Grpc, StreamOptions.Of(StreamMode.ConsumerId));
        await using var group = await StreamClient.OpenAsync(host, StreamProtocol.Grpc, StreamOptions.Of(StreamMode.WorkerPool) with { MaxInFlight = 1 });
        await using var standard = await StreamClient.OpenAsync(host, StreamProtocol.Grpc, new StreamOptions { Mode = StreamMode.WorkerPool });
        for (var i = 0; i < 3; i++)
        {
            await host.Http.PublishAsync("e", $"m-{i}");
        }

        foreach (var (client, count) in new[] { (consumer, 3), (group, 1), (standard, 3) })
        {
            for (var i = 0; i < count; i++)
            {
                await client.ReadAsync();
            }
        }

        var places = (await host.Http.GetFromJsonAsync<JsonElement>(new Uri("/v1/events/e", UriKind.Relative))).GetProperty("places");

        Assert.Equal(
            ["PLACE_KIND_WORKER_GROUP  1 0 3", "PLACE_KIND_WORKER_GROUP n 1 2 1", "PLACE_KIND_CONSUMER_ID n 1 0 3"],
            places.EnumerateArray().Select(static p =>
                $"{p.GetProperty("kind")} {p.GetProperty("name")} {p.GetProperty("members")} {p.GetProperty("lag")} {p.GetProperty("unsettled")}"));
    }

    [Fact]
    public async Task Describing_is_authorized_by_itself_and_refused_where_the_transport_can_not()
    {
        await using var bare = new BareTransport();
        await using var host = await BrokerHost.StartAsync(transport: bare);
        await host.Http.RegisterAsync("e");

        var (status, code, message) = await host.Http.GetErrorAsync("/v1/events/e");
        Assert.Equal((HttpStatusCode.BadRequest, 9), (status, code));
        Assert.Contains("'memory'", message, StringComparison.Ordinal);

        host.Authorizer.Decide = static request => request.Operation == BrokerOperation.Describe
            ? AuthorizationDecision.Deny("test", "not shown to everybody")
            : AuthorizationDecision.Allow;
        Assert.Equal((HttpStatusCode.Forbidden, 7, "not shown to everybody"), await host.Http.GetErrorAsync("/v1/events/e"));
    }

    [Theory]
    [InlineData("PUT", "/v1/events/e", "DELETE, GET, HEAD, POST")]
    [InlineData("GET", "/v1/events/e/seek", "POST")]
    public async Task A_wrong_method_is_told_the_right_ones(string method, string path, string allowed)
    {
        await using var host = await BrokerHost.StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using var response = await host.Http.SendAsync(request);

        var (status, code, _) = await RestClient.ErrorOfAsync(response);
        Assert.Equal((HttpStatusCode.MethodNotAllowed, 12), (status, code));
        Assert.Equal(allowed, string.Join(", ", response.Content.Headers.Allow));
    }
}
