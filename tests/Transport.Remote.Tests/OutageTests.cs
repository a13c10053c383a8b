using System.Net;
using EventBroker.FunctionalTests.Clients;
using EventBroker.Protos.Event.V1;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Remote.Tests.Hosting;
using Grpc.Core;

namespace EventBroker.Transport.Remote.Tests;

// The broker behind goes away and comes back.
public sealed class OutageTests
{
    [Fact]
    public async Task Calls_fail_with_unavailable_meanwhile_and_subscriptions_live_on()
    {
        await using var pair = await BrokerPair.StartAsync(static s => s.Retries = 0);
        await pair.Front.Http.RegisterAsync("e");
        await using var sse = await SseClient.OpenAsync(pair.Front.Http, "/v1/events/e/stream");
        await pair.Front.Http.PublishAsync("e", "before");
        Assert.Equal("before", (await sse.ReadMessageAsync()).GetProperty("id").GetString());

        pair.Wire.Cut();
        var published = await ErrorOfPublishAsync(pair);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, 14, "the broker behind this one is out of reach"), published);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await pair.Front.Http.GetErrorAsync("/v1/events/e/stream")).Status);
        Assert.Equal(TransportHealthStatus.Unhealthy, (await pair.Front.Broker.CheckHealthAsync(CancellationToken.None)).Status);

        // What nobody in front can hear of now is not lost.
        await pair.Behind.Http.PublishAsync("e", "meanwhile");
        pair.Wire.Mend();

        Assert.Equal("meanwhile", (await sse.ReadMessageAsync()).GetProperty("id").GetString());
        await pair.Front.Http.PublishAsync("e", "after");
        Assert.Equal("after", (await sse.ReadMessageAsync()).GetProperty("id").GetString());
        var health = await pair.Front.Broker.CheckHealthAsync(CancellationToken.None);
        Assert.Equal(TransportHealthStatus.Healthy, health.Status);
        Assert.Equal("connected", health.Details["transport.memory.connection"]);
        Assert.Equal("healthy", health.Details["transport.memory.broker"]);
    }

    [Fact]
    public async Task A_subscriber_goes_on_by_cursor_at_another_front()
    {
        await using var pair = await BrokerPair.StartAsync();
        await pair.Front.Http.RegisterAsync("e");
        using var first = new EventService.EventServiceClient(pair.Front.OpenChannel()).Subscribe(new SubscribeRequest { Event = "e" });
        await first.ResponseHeadersAsync;
        await pair.Front.Http.PublishAsync("e", "m-1");
        await pair.Front.Http.PublishAsync("e", "m-2");
        Assert.True(await first.ResponseStream.MoveNext());

        await using var transport = await RemoteTransports.StartAsync(pair.Behind.GrpcAddress);
        await using var other = await FunctionalTests.Hosting.BrokerHost.StartAsync(transport: transport);
        using var second = new EventService.EventServiceClient(other.OpenChannel()).Subscribe(
            new SubscribeRequest { Event = "e", ResumeAfter = first.ResponseStream.Current.Cursor });

        Assert.True(await second.ResponseStream.MoveNext());
        Assert.Equal("m-2", second.ResponseStream.Current.Id);
    }

    [Fact]
    public async Task An_answer_of_the_broker_behind_is_nothing_to_log_and_an_outage_is_told_once()
    {
        await using var pair = await BrokerPair.StartAsync();
        var log = new CountingLogger();
        await using var transport = await RemoteTransports.StartAsync(pair.Wire.Address, static s => s.Retries = 0, logger: log);
        var told = log.Count;

        // An exception with a cause is logged by whoever serves the call, each time.
        var answer = await FailureOfPublishAsync(transport);
        Assert.Equal((BrokerErrorCode.NotFound, null), (answer.Code, answer.InnerException));
        Assert.Equal(told, log.Count);

        pair.Wire.Cut();
        for (var i = 0; i < 3; i++)
        {
            var outage = await FailureOfPublishAsync(transport);
            Assert.Equal((BrokerErrorCode.Unavailable, null), (outage.Code, outage.InnerException));
        }

        Assert.Equal(told + 1, log.Count);
    }

    [Fact]
    public async Task A_broker_behind_that_takes_calls_and_answers_none_is_told_as_an_outage()
    {
        await using var pair = await BrokerPair.StartAsync();
        var log = new CountingLogger();
        await using var transport = await RemoteTransports.StartAsync(
            pair.Wire.Address, static s => (s.Retries, s.AttemptTimeout) = (0, TimeSpan.FromMilliseconds(200)), logger: log);
        var told = log.Count;

        pair.Wire.Swallow();
        for (var i = 0; i < 2; i++)
        {
            var outage = await FailureOfPublishAsync(transport);
            Assert.Equal((BrokerErrorCode.DeadlineExceeded, null), (outage.Code, outage.InnerException));
        }

        Assert.Equal(told + 1, log.Count);
    }

    [Fact]
    public async Task Nothing_is_logged_for_each_subscription_that_an_outage_meets_or_whose_event_is_gone_behind()
    {
        await using var pair = await BrokerPair.StartAsync();
        await pair.Behind.Http.RegisterAsync("e");
        var log = new CountingLogger();
        await using var transport = await RemoteTransports.StartAsync(pair.Wire.Address, static s => s.Retries = 0, logger: log);
        await using var front = await FunctionalTests.Hosting.BrokerHost.StartAsync(transport: transport);
        SseClient[] streams = [await SseClient.OpenAsync(front.Http, "/v1/events/e/stream"), await SseClient.OpenAsync(front.Http, "/v1/events/e/stream")];

        pair.Wire.Cut();
        await FailureOfPublishAsync(transport);
        await pair.Behind.Http.PublishAsync("e", "meanwhile");
        pair.Wire.Mend();
        foreach (var stream in streams)
        {
            Assert.Equal("meanwhile", (await stream.ReadMessageAsync()).GetProperty("id").GetString());
        }

        using var gone = await pair.Behind.Http.DeleteAsync(new Uri("/v1/events/e", UriKind.Relative));
        foreach (var stream in streams)
        {
            Assert.Equal("error", (await stream.ReadAsync())?.Name);
            await stream.DisposeAsync();
        }

        Assert.Contains(4206, log.Ids);
        Assert.DoesNotContain(log.Ids, static id => id is >= 5011 and <= 5021);
    }

    private static async Task<BrokerException> FailureOfPublishAsync(ITransport transport) => await Assert.ThrowsAsync<BrokerException>(
        async () => await transport.PublishAsync("e", new TransportMessage(MessageEncoder.Encode("m", "s", [], null, default)), CancellationToken.None));

    private static async Task<(HttpStatusCode Status, int Code, string Message)> ErrorOfPublishAsync(BrokerPair pair)
    {
        using var response = await pair.Front.Http.PostTextAsync("/v1/events/e/messages", "{}");
        return await RestClient.ErrorOfAsync(response);
    }
}
