using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;
using EventBroker.Protos.Broker.V1;
using EventBroker.Protos.Event.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace EventBroker.FunctionalTests.Grpc;

public sealed class GrpcTests
{
    [Fact]
    public async Task Events_are_registered_listed_and_unregistered()
    {
        await using var host = await BrokerHost.StartAsync();
        var client = new EventService.EventServiceClient(host.OpenChannel());

        await client.RegisterEventAsync(new RegisterEventRequest { Name = "b" });
        await client.RegisterEventAsync(new RegisterEventRequest { Name = "a" });

        Assert.Equal(["a", "b"], (await client.ListEventsAsync(new ListEventsRequest())).Events);
        await AssertFailsAsync(StatusCode.AlreadyExists, "event already registered", async () => await client.RegisterEventAsync(new RegisterEventRequest { Name = "a" }));
        await client.UnregisterEventAsync(new UnregisterEventRequest { Name = "a" });
        await AssertFailsAsync(StatusCode.NotFound, "event not registered", async () => await client.UnregisterEventAsync(new UnregisterEventRequest { Name = "a" }));
        await AssertFailsAsync(StatusCode.InvalidArgument, "event name is required", async () => await client.RegisterEventAsync(new RegisterEventRequest()));
        Assert.Equal(HealthStatus.Healthy, (await client.HealthAsync(new HealthRequest())).Status);
    }

    [Fact]
    public async Task A_message_arrives_with_everything_that_was_published()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        var client = new EventService.EventServiceClient(host.OpenChannel());
        using var call = client.Subscribe(new SubscribeRequest { Event = "e" });
        await call.ResponseHeadersAsync;
        var published = new PublishRequest
        {
            Event = "e",
            Id = "given",
            Payload = ByteString.CopyFrom(0, 255, 128),
            Metadata = { ["k"] = "v", [""] = "" },
        };

        var response = await client.PublishAsync(published, new Metadata { { "x-source", "billing" } });

        Assert.Equal("given", response.Id);
        Assert.True(await call.ResponseStream.MoveNext());
        var message = call.ResponseStream.Current;
        Assert.Equal("given", message.Id);
        Assert.Equal("billing", message.Source);
        Assert.Equal(published.Payload, message.Payload);
        Assert.Equal(published.Metadata, message.Metadata);
        Assert.NotEmpty(message.AckId);
    }

    [Fact]
    public async Task A_stream_that_was_cut_before_its_first_message_goes_on_behind_the_cursor_in_its_headers()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        var client = new EventService.EventServiceClient(host.OpenChannel());
        string cursor;
        using (var cut = client.Subscribe(new SubscribeRequest { Event = "e", StartFrom = StartPosition.Latest }))
        {
            cursor = (await cut.ResponseHeadersAsync).GetValue("eventbroker-cursor")!;
        }

        await host.Http.PublishAsync("e", "m-1");

        using var call = client.Subscribe(new SubscribeRequest { Event = "e", ResumeAfter = cursor });
        Assert.Equal("exact", (await call.ResponseHeadersAsync).GetValue("eventbroker-resume"));
        Assert.True(await call.ResponseStream.MoveNext());
        Assert.Equal("m-1", call.ResponseStream.Current.Id);
    }

    [Theory]
    [InlineData(DeliveryMode.Broadcast, true)]
    [InlineData(DeliveryMode.WorkerPool, false)]
    public async Task Every_stream_tells_its_contract_and_a_workers_no_cursor(DeliveryMode mode, bool hasCursor)
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        var client = new EventService.EventServiceClient(host.OpenChannel());

        using var call = client.Subscribe(new SubscribeRequest { Event = "e", DeliveryMode = mode });

        var headers = await call.ResponseHeadersAsync;
        Assert.Equal("1", headers.GetValue("eventbroker-contract"));
        Assert.Equal(hasCursor, headers.Any(static h => h.Key == "eventbroker-cursor"));
        Assert.DoesNotContain(headers, static h => h.Key == "eventbroker-resume");
    }

    [Fact]
    public async Task A_stream_and_its_refusal_tell_how_many_messages_may_be_in_flight()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        var client = new EventService.EventServiceClient(host.OpenChannel());

        using var open = client.Subscribe(new SubscribeRequest { Event = "e" });
        using var refused = client.Subscribe(new SubscribeRequest { Event = "e", MaxInFlight = 1001 });

        Assert.Equal("1000", (await open.ResponseHeadersAsync).GetValue("eventbroker-max-in-flight"));
        var refusal = await Assert.ThrowsAsync<RpcException>(() => refused.ResponseStream.MoveNext());
        Assert.Equal((StatusCode.InvalidArgument, "1000"), (refusal.StatusCode, refusal.Trailers.GetValue("eventbroker-max-in-flight")));
    }

    [Fact]
    public async Task A_batch_tells_what_became_of_each_message()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        var client = new BrokerService.BrokerServiceClient(host.OpenChannel());

        var response = await client.PublishBatchAsync(new PublishBatchRequest
        {
            Messages = { new PublishItem { Event = "e", Id = "1" }, new PublishItem { Event = "none" }, new PublishItem { Event = "e", Id = "3" } },
        });

        Assert.Equal(["1", "", "3"], response.Ids);
        var failure = Assert.Single(response.Failures);
        Assert.Equal((1L, (int)StatusCode.NotFound, "event not registered"), (failure.Index, failure.Code, failure.Message));
    }

    [Fact]
    public async Task A_publish_stream_is_answered_cumulatively()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        using var call = new BrokerService.BrokerServiceClient(host.OpenChannel()).PublishStream();
        for (var i = 0; i < 1000; i++)
        {
            await call.RequestStream.WriteAsync(new PublishItem { Event = i == 500 ? "none" : "e" });
        }

        await call.RequestStream.CompleteAsync();

        long count = 0;
        var failures = new List<PublishFailure>();
        await foreach (var progress in call.ResponseStream.ReadAllAsync())
        {
            Assert.True(progress.Count > count);
            count = progress.Count;
            failures.AddRange(progress.Failures);
        }

        Assert.Equal(1000, count);
        Assert.Equal(500, Assert.Single(failures).Index);
    }

    [Fact]
    public async Task A_publish_stream_goes_on_beyond_what_one_request_may_have()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        using var call = new BrokerService.BrokerServiceClient(host.OpenChannel()).PublishStream();
        var item = new PublishItem { Event = "e", Payload = ByteString.CopyFrom(new byte[1024 * 1024]) };

        // The server's limit for a request is about 30 MB.
        for (var i = 0; i < 40; i++)
        {
            await call.RequestStream.WriteAsync(item);
        }

        await call.RequestStream.CompleteAsync();
        long count = 0;
        await foreach (var progress in call.ResponseStream.ReadAllAsync())
        {
            Assert.Empty(progress.Failures);
            count = progress.Count;
        }

        Assert.Equal(40, count);
    }

    [Fact]
    public async Task Acks_are_told_apart_in_the_answer()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        var client = new EventService.EventServiceClient(host.OpenChannel());
        using var call = client.Subscribe(new SubscribeRequest { Event = "e" });
        await call.ResponseHeadersAsync;
        await host.Http.PublishAsync("e", "m-1");
        Assert.True(await call.ResponseStream.MoveNext());
        var ackId = call.ResponseStream.Current.AckId;

        var response = await client.AckAsync(new AckRequest
        {
            Entries =
            {
                new AckEntry { AckId = ackId, Extend = Duration.FromTimeSpan(TimeSpan.FromMinutes(1)) },
                new AckEntry { AckId = ackId, Error = "x", Extend = Duration.FromTimeSpan(TimeSpan.FromMinutes(1)) },
                new AckEntry { AckId = ackId, Extend = Duration.FromTimeSpan(TimeSpan.FromDays(1)) },
                new AckEntry { AckId = ackId, Error = "x", NackDelay = new Duration { Seconds = long.MaxValue } },
                new AckEntry { AckId = ackId },
                new AckEntry { AckId = ackId },
                new AckEntry { AckId = "x" },
                new AckEntry(),
            },
        });

        Assert.Equal(
            [AckResult.Settled, AckResult.Invalid, AckResult.Invalid, AckResult.Invalid, AckResult.Settled, AckResult.Expired, AckResult.Unknown, AckResult.Unknown],
            response.Results);
        Assert.Empty((await client.AckAsync(new AckRequest())).Results);
    }

    public static TheoryData<SubscribeRequest, string> Refused => new()
    {
        { new SubscribeRequest { Event = "e", DeliveryMode = (DeliveryMode)7 }, "delivery_mode is 7" },
        { new SubscribeRequest { Event = "e", StartFrom = (StartPosition)9 }, "start_from is 9" },
        { new SubscribeRequest { Event = "e", StartFrom = StartPosition.Timestamp, StartTime = new Timestamp { Seconds = long.MaxValue } }, "start_time" },
        { new SubscribeRequest { Event = "e", MaxAge = new Duration { Seconds = long.MinValue } }, "max_age" },
        { new SubscribeRequest { Event = "e", AckTimeout = new Duration { Seconds = 1, Nanos = -1 } }, "ack_timeout" },
        { new SubscribeRequest { Event = "e", BufferSize = -1 }, "buffer_size" },
        { new SubscribeRequest { Event = "-e" }, "an event name has" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_value_that_makes_no_sense_is_refused_by_its_name(SubscribeRequest request, string named)
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        using var call = new EventService.EventServiceClient(host.OpenChannel()).Subscribe(request);

        var refused = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext());

        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.Contains(named, refused.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_consumer_id_that_is_no_UTF8_is_refused()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        var bytes = Marshallers.Create(static (byte[] value) => value, static value => value);
        var method = new Method<byte[], byte[]>(MethodType.ServerStreaming, "event.v1.EventService", "Subscribe", bytes, bytes);

        // Field 1 is the event, field 9 the consumer id.
        byte[] request = [0x0A, 1, (byte)'e', 0x4A, 2, (byte)'c', 0xFF];
        using var call = host.OpenChannel().CreateCallInvoker().AsyncServerStreamingCall(method, null, default, request);

        var refused = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext());
        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.Contains("UTF-8", refused.Status.Detail, StringComparison.Ordinal);
        var (status, code, message) = await host.Http.GetErrorAsync("/v1/events/e/stream?consumer_id=c%EF%BF%BD");
        Assert.Equal((System.Net.HttpStatusCode.BadRequest, 3), (status, code));
        Assert.Contains("consumer_id", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_large_a_message_is_RESOURCE_EXHAUSTED_whatever_the_protocol()
    {
        await using var host = await BrokerHost.StartAsync(limits: static o => o.MaxMessageBytes = 1024);
        await host.Http.RegisterAsync("e");
        var client = new EventService.EventServiceClient(host.OpenChannel());
        foreach (var size in new[] { 2000, 2_000_000 })
        {
            var large = await Assert.ThrowsAsync<RpcException>(
                async () => await client.PublishAsync(new PublishRequest { Event = "e", Payload = ByteString.CopyFrom(new byte[size]) }));
            Assert.Equal(StatusCode.ResourceExhausted, large.StatusCode);
            using var response = await host.Http.PostTextAsync(
                "/v1/events/e/messages", $$"""{"payload":"{{Convert.ToBase64String(new byte[size])}}"}""");
            Assert.Equal((System.Net.HttpStatusCode.TooManyRequests, 8), ((await RestClient.ErrorOfAsync(response)) is var (status, code, _) ? (status, code) : default));
        }
    }

    [Fact]
    public async Task Reflection_and_health_tell_of_the_services()
    {
        await using var host = await BrokerHost.StartAsync();
        var channel = host.OpenChannel();
        var health = new global::Grpc.Health.V1.Health.HealthClient(channel);

        Assert.Equal(global::Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus.Serving, (await health.CheckAsync(new global::Grpc.Health.V1.HealthCheckRequest())).Status);
        using var reflection = new global::Grpc.Reflection.V1Alpha.ServerReflection.ServerReflectionClient(channel).ServerReflectionInfo();
        await reflection.RequestStream.WriteAsync(new global::Grpc.Reflection.V1Alpha.ServerReflectionRequest { ListServices = "*" });
        Assert.True(await reflection.ResponseStream.MoveNext());
        var services = reflection.ResponseStream.Current.ListServicesResponse.Service.Select(static s => s.Name);
        Assert.Superset(new HashSet<string> { "event.v1.EventService", "eventbroker.v1.BrokerService" }, services.ToHashSet());
    }

    private static async Task AssertFailsAsync(StatusCode code, string message, Func<Task> call)
    {
        var failure = await Assert.ThrowsAsync<RpcException>(call);
        Assert.Equal((code, message), (failure.StatusCode, failure.Status.Detail));
    }
}
