using System.Net;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;

namespace EventBroker.FunctionalTests.Sse;

public sealed class SseTests
{
    [Fact]
    public async Task A_quiet_stream_carries_heartbeats()
    {
        await using var host = await BrokerHost.StartAsync(BrokerHost.Patient);
        await host.Http.RegisterAsync("e");
        await using var sse = await SseClient.OpenAsync(host.Http, "/v1/events/e/stream?auto_ack=true");
        Assert.Equal("text/event-stream", sse.Response.Content.Headers.ContentType?.ToString());
        Assert.True(sse.Response.Headers.CacheControl?.NoCache);
        Assert.Equal("no", sse.Response.Headers.GetValues("X-Accel-Buffering").Single());

        // The message shows that the stream is up, heartbeat and all.
        await host.Http.PublishAsync("e", "m-1");
        await sse.ReadMessageAsync();
        var beat = await host.BeatAsync(TimeSpan.FromSeconds(30), sse.ReadAsync());

        Assert.Equal((":", "heartbeat"), (beat?.Name, beat?.Data));
    }

    [Fact]
    public async Task A_client_that_comes_back_goes_on_behind_its_last_event_id()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        string? last;
        await using (var first = await SseClient.OpenAsync(host.Http, "/v1/events/e/stream?auto_ack=true"))
        {
            await host.Http.PublishAsync("e", "m-1");
            var sent = await first.ReadAsync();
            last = sent?.Id;
            Assert.NotNull(last);
            Assert.DoesNotContain("ack_id", sent!.Data, StringComparison.Ordinal);
        }

        await host.Http.PublishAsync("e", "m-2");
        await using var second = await SseClient.OpenAsync(host.Http, "/v1/events/e/stream?start_from=beginning", last);

        var resumed = await second.ReadAsync();
        Assert.Equal(("resumed", """{"type":"resumed","outcome":"exact"}"""), (resumed?.Name, resumed?.Data));
        Assert.Equal("m-2", (await second.ReadMessageAsync()).GetProperty("id").GetString());
    }

    [Fact]
    public async Task A_worker_of_a_group_gets_no_event_ids_since_the_group_remembers_its_place()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        await using var sse = await SseClient.OpenAsync(host.Http, "/v1/events/e/stream?delivery_mode=worker_pool");
        await host.Http.PublishAsync("e", "m-1");

        Assert.Null((await sse.ReadAsync())?.Id);
    }

    // Where it begins, for a browser that is cut off before its first message; a group remembers its own place.
    [Theory]
    [InlineData("", true)]
    [InlineData("&delivery_mode=worker_pool", false)]
    [InlineData("&consumer_id=c", false)]
    public async Task Whoever_waits_is_told_that_it_is_subscribed_and_where(string more, bool hasPlace)
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        await using var sse = await SseClient.OpenAsync(host.Http, "/v1/events/e/stream?wait=true" + more);

        var told = await sse.ReadAsync();
        while (told?.Name == "resumed")
        {
            told = await sse.ReadAsync();
        }

        Assert.Equal(("subscribed", hasPlace), (told?.Name, told?.Id is not null));
        Assert.Equal(hasPlace, told!.Data.Contains("\"cursor\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/v1/events/none/stream", HttpStatusCode.NotFound, 5, "event not registered")]
    [InlineData("/v1/events/e/stream?delivery_mode=multicast", HttpStatusCode.BadRequest, 3, "delivery_mode is 'multicast'; allowed: broadcast, worker_pool")]
    [InlineData("/v1/events/e/stream?start_from=timestamp&start_time=yesterday", HttpStatusCode.BadRequest, 3, "start_time is 'yesterday'; allowed: a time such as 2026-01-02T03:04:05Z (RFC 3339)")]
    [InlineData("/v1/events/e/stream?max_age=5x", HttpStatusCode.BadRequest, 3, "max_age is '5x'; allowed: a duration such as 90s, 5m, 1h30m or 250ms")]
    [InlineData("/v1/events/e/stream?latest_only=yes", HttpStatusCode.BadRequest, 3, "latest_only is 'yes'; allowed: true, false")]
    [InlineData("/v1/events/e/stream?buffer_size=-1", HttpStatusCode.BadRequest, 3, "buffer_size is '-1'; allowed: a whole number")]
    [InlineData("/v1/events/e/stream?max_in_flight=99999999999", HttpStatusCode.BadRequest, 3, "max_in_flight is '99999999999'; allowed: a whole number")]
    [InlineData("/v1/events/e/stream?auto_ack=true&auto_ack=true", HttpStatusCode.BadRequest, 3, "auto_ack is given 2 times")]
    [InlineData("/v1/events//stream", HttpStatusCode.BadRequest, 3, "event name is required")]
    public async Task What_is_wrong_before_the_start_is_answered_with_its_status(string path, HttpStatusCode status, int code, string message)
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");

        Assert.Equal((status, code, message), await host.Http.GetErrorAsync(path));
    }

    [Fact]
    public async Task An_unknown_parameter_is_refused_and_the_known_ones_are_named()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");

        var (status, code, message) = await host.Http.GetErrorAsync("/v1/events/e/stream?start_form=beginning&access_token=x");

        Assert.Equal((HttpStatusCode.BadRequest, 3), (status, code));
        Assert.Contains("'start_form'", message, StringComparison.Ordinal);
        Assert.Contains("start_from", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_whose_event_is_unregistered_ends_with_an_error_event()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        await using var sse = await SseClient.OpenAsync(host.Http, "/v1/events/e/stream");

        using var response = await host.Http.DeleteAsync(new Uri("/v1/events/e", UriKind.Relative));

        var error = await sse.ReadAsync();
        Assert.Equal("error", error?.Name);
        Assert.Contains("\"code\":10", error!.Data, StringComparison.Ordinal);
        Assert.Null(await sse.ReadAsync());
    }
}
