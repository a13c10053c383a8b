using EventBroker.Broker.Subscribing;
using EventBroker.Endpoints.Streaming;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using Microsoft.AspNetCore.Http;

namespace EventBroker.Endpoints.Tests;

// The parameters of SSE and WebSocket, one by one.
public sealed class SubscribeQueryTests
{
    [Fact]
    public void Nothing_is_asked_for_by_an_empty_query() => Assert.Equal(new SubscribeRequest { EventName = "e" }, Parse(""));

    [Fact]
    public void Every_parameter_has_its_field() => Assert.Equal(
        new SubscribeRequest
        {
            EventName = "e",
            Mode = DeliveryMode.WorkerPool,
            WorkerGroup = "w",
            Start = StartPosition.Timestamp,
            StartTime = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
            MaxAge = TimeSpan.FromMinutes(5),
            LatestOnly = true,
            BufferSize = 7,
            ConsumerId = "c",
            ResumeAfter = "r",
            MaxInFlight = 8,
            AckTimeout = TimeSpan.FromSeconds(90),
            AutoAck = true,
            Wait = true,
            Takeover = true,
        },
        Parse(
            "?delivery_mode=worker_pool&worker_group=w&start_from=timestamp&start_time=2026-01-02T03:04:05Z&max_age=5m&latest_only=true&buffer_size=7"
            + "&consumer_id=c&resume_after=r&max_in_flight=8&ack_timeout=90s&auto_ack=true&wait=true&takeover=true"));

    [Theory]
    [InlineData("broadcast", DeliveryMode.Broadcast)]
    [InlineData("worker_pool", DeliveryMode.WorkerPool)]
    public void A_mode_has_its_word(string word, DeliveryMode mode) => Assert.Equal(mode, Parse($"?delivery_mode={word}").Mode);

    [Theory]
    [InlineData("beginning", StartPosition.Beginning)]
    [InlineData("latest", StartPosition.Latest)]
    [InlineData("timestamp", StartPosition.Timestamp)]
    public void A_start_has_its_word(string word, StartPosition start) => Assert.Equal(start, Parse($"?start_from={word}").Start);

    [Theory]
    [InlineData("latest_only")]
    [InlineData("auto_ack")]
    [InlineData("wait")]
    [InlineData("takeover")]
    public void False_is_as_good_as_nothing(string name) => Assert.Equal(new SubscribeRequest { EventName = "e" }, Parse($"?{name}=false"));

    [Theory]
    [InlineData("?access_token=a&api_key=b&_=1")]
    [InlineData("?access_token=a&access_token=b")]
    public void What_is_meant_for_others_is_passed_over(string query) => Assert.Equal(new SubscribeRequest { EventName = "e" }, Parse(query));

    [Theory]
    [InlineData("?delivery_mode=multicast", "delivery_mode is 'multicast'; allowed: broadcast, worker_pool")]
    [InlineData("?start_from=end", "start_from is 'end'; allowed: beginning, latest, timestamp")]
    [InlineData("?start_time=now", "start_time is 'now'; allowed: a time such as 2026-01-02T03:04:05Z (RFC 3339)")]
    [InlineData("?ack_timeout=", "ack_timeout is ''; allowed: a duration such as 90s, 5m, 1h30m or 250ms")]
    [InlineData("?takeover=1", "takeover is '1'; allowed: true, false")]
    [InlineData("?wait=True", "wait is 'True'; allowed: true, false")]
    [InlineData("?auto_ack=yes", "auto_ack is 'yes'; allowed: true, false")]
    [InlineData("?max_in_flight=%2B1", "max_in_flight is '+1'; allowed: a whole number")]
    [InlineData("?buffer_size=1&buffer_size=1", "buffer_size is given 2 times")]
    [InlineData(
        "?maxage=5s",
        "unknown parameter 'maxage'; allowed: delivery_mode, worker_group, start_from, start_time, max_age, latest_only, buffer_size, consumer_id, "
            + "resume_after, last_event_id, max_in_flight, ack_timeout, auto_ack, wait, takeover")]
    public void What_is_wrong_is_named(string query, string message)
    {
        var fault = Assert.Throws<BrokerException>(() => Parse(query));
        Assert.Equal((BrokerErrorCode.InvalidArgument, message), (fault.Code, fault.Message));
    }

    [Fact]
    public void What_is_long_is_shortened()
    {
        Assert.StartsWith($"wait is '{new string('a', 64)}';", Assert.Throws<BrokerException>(() => Parse($"?wait={new string('a', 64)}")).Message, StringComparison.Ordinal);
        Assert.StartsWith($"wait is '{new string('a', 64)}…';", Assert.Throws<BrokerException>(() => Parse($"?wait={new string('a', 65)}")).Message, StringComparison.Ordinal);
    }

    // The header is what a browser sends by itself; libraries that can't put it into the query, in front of or behind one that is there.
    [Theory]
    [InlineData("", "h", "h")]
    [InlineData("?last_event_id=q", null, "q")]
    [InlineData("?lastEventId=q", null, "q")]
    [InlineData("?Last-Event-ID=q", null, "q")]
    [InlineData("?last_event_id=q", "h", "h")]
    [InlineData("?last_event_id=1&lastEventId=2", null, "2")]
    [InlineData("?last_event_id=1&last_event_id=2&wait=true", null, "2")]
    [InlineData("?last_event_id=1&last_event_id=", null, "1")]
    public void A_place_comes_in_many_ways(string query, string? header, string place)
    {
        var request = Parse(query + (query.Length == 0 ? "?" : "&") + "start_from=beginning&start_time=2026-01-02T03:04:05Z&resume_after=r", header);

        Assert.Equal((place, true), (request.ResumeAfter, request.ComesBack));

        // Coming back goes before where the first connection was to begin.
        Assert.Equal((StartPosition.Unspecified, null), (request.Start, request.StartTime));
    }

    [Theory]
    [InlineData("?last_event_id=")]
    [InlineData("")]
    public void No_place_is_none(string query)
    {
        var request = Parse(query + (query.Length == 0 ? "?" : "&") + "start_from=beginning&resume_after=r");

        Assert.Equal(("r", false, StartPosition.Beginning), (request.ResumeAfter, request.ComesBack, request.Start));
    }

    [Fact]
    public void A_worker_that_comes_back_keeps_the_start_of_a_new_group()
    {
        var request = Parse("?delivery_mode=worker_pool&start_from=timestamp&start_time=2026-01-02T03:04:05Z", "h");

        Assert.Equal((true, StartPosition.Timestamp), (request.ComesBack, request.Start));
        Assert.NotNull(request.StartTime);
    }

    [Fact]
    public void Whoever_has_lost_its_consumer_id_does_not_come_back_to_a_place()
    {
        var request = Parse("?consumer_id=c&resume_after=r", "taken-over");

        Assert.Equal((true, false, "r"), (request.HasLostConsumerId, request.ComesBack, request.ResumeAfter));
    }

    private static SubscribeRequest Parse(string query, string? lastEventId = null)
    {
        var request = new DefaultHttpContext().Request;
        request.QueryString = new QueryString(query);
        if (lastEventId is not null)
        {
            // A library that appends its own to what the program has set means the last one.
            request.Headers["Last-Event-ID"] = new(["older", lastEventId]);
        }

        return SubscribeQuery.Parse("e", request);
    }
}
