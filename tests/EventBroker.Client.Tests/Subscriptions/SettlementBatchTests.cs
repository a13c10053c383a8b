using EventBroker.Client.Tests.Faults;
using EventBroker.Client.Tests.GoServer;
using EventBroker.Client.Tests.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace EventBroker.Client.Tests.Subscriptions;

public sealed class SettlementBatchTests
{
    [Fact]
    public async Task What_is_settled_while_a_call_is_under_way_shares_the_next()
    {
        await using var server = await GoEventServer.CreateAsync();
        await using var client = Clients.Open(server.Address);
        var (sizes, calls, release) = Watch(server);
        await using var subscription = await SubscribeAsync(client, 20);
        var deliveries = await subscription.NextAsync(20);

        var first = deliveries[0].AckAsync();
        await calls.ReachAsync(1);
        var rest = deliveries.Skip(1).Select(static d => d.AckAsync()).ToList();
        release.SetResult();

        Assert.All(await Task.WhenAll([first, .. rest]), static r => Assert.Equal(SettleResult.Settled, r));
        Assert.Equal([1, 19], sizes);
    }

    [Fact]
    public async Task A_full_batch_goes_at_once_and_the_rest_when_the_linger_is_over()
    {
        var time = new FakeTimeProvider();
        await using var server = await GoEventServer.CreateAsync();
        await using var publisher = Clients.Open(server.Address);
        var (sizes, calls, release) = Watch(server);
        release.SetResult();
        await publisher.RegisterAsync("e");
        await using var client = Clients.Open(
            server.Address, static o => (o.SettlementBatchSize, o.SettlementLinger) = (8, TimeSpan.FromSeconds(1)), time);
        server.Service.SendsHeadersAtOnce = true;
        var subscribing = client.SubscribeAsync("e");
        await server.Service.Subscribed.ReachAsync(1);
        await PublishAsync(publisher, 10);
        await using var subscription = await subscribing;
        var deliveries = await subscription.NextAsync(10);

        var acks = deliveries.Select(static d => d.AckAsync()).ToList();
        await Task.WhenAll(acks.Take(8));
        Assert.Equal([8], sizes);
        time.Advance(TimeSpan.FromSeconds(1));
        await Task.WhenAll(acks);

        Assert.Equal([8, 2], sizes);
        await calls.ReachAsync(2);
    }

    [Fact]
    public async Task Closing_a_subscription_does_not_wait_for_what_others_settle_afterwards()
    {
        await using var server = await GoEventServer.CreateAsync();
        await using var client = Clients.Open(server.Address);
        var (_, calls, release) = Watch(server);
        await using var busy = await SubscribeAsync(client, 2);
        var other = await client.SubscribeAsync("e");
        var deliveries = await busy.NextAsync(2);
        var first = deliveries[0].AckAsync();
        await calls.ReachAsync(1);

        var closing = other.DisposeAsync();
        var later = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Service.OnAck = _ => later.Task;
        var second = deliveries[1].AckAsync();
        release.SetResult();
        await closing;

        Assert.Equal(SettleResult.Settled, await first);
        later.SetResult();
        Assert.Equal(SettleResult.Settled, await second);
    }

    [Fact]
    public async Task A_failed_ack_that_nobody_waits_for_is_no_unobserved_exception_whatever_token_it_was_given()
    {
        var unobserved = new List<Exception>();
        EventHandler<UnobservedTaskExceptionEventArgs> listener = (_, what) => unobserved.Add(what.Exception);
        await using var server = await GoEventServer.CreateAsync();
        await using var client = Clients.Open(server.Address, static o => o.Retry.MaxRetries = 0);
        server.Service.OnAck = static _ => throw new Grpc.Core.RpcException(new Grpc.Core.Status(Grpc.Core.StatusCode.Internal, "a very special fault"));
        await using var subscription = await SubscribeAsync(client, 1);
        using var token = new CancellationTokenSource();
        TaskScheduler.UnobservedTaskException += listener;

        await ForgetAsync(await subscription.NextAsync(), token.Token);
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        TaskScheduler.UnobservedTaskException -= listener;
        Assert.DoesNotContain(unobserved, static e => e.ToString().Contains("a very special fault", StringComparison.Ordinal));

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static async Task ForgetAsync(Delivery delivery, CancellationToken token)
        {
            _ = delivery.AckAsync(token);
            await ((Task)delivery.AckAsync(CancellationToken.None)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    // The connection is well and the stream is open; it is the answer alone that did not come.
    [Fact]
    public async Task An_ack_that_was_done_although_its_answer_got_lost_is_settled_and_not_expired()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address);
        await client.RegisterAsync("e");
        await using var subscription = await client.SubscribeAsync("e");
        await client.PublishAsync("e", "m-1");
        var delivery = await subscription.NextAsync();
        var lost = 0;
        broker.Requests.After = context =>
        {
            if (context.Request.Path.Value!.EndsWith("/Ack", StringComparison.Ordinal) && Interlocked.Increment(ref lost) == 1)
            {
                context.Abort();
            }
        };

        Assert.Equal(SettleResult.Settled, await delivery.AckAsync());
        Assert.Equal(2, broker.Requests.Count("Ack"));
    }

    // The first attempt did not get there, and meanwhile the message went to somebody else: nothing that the client knows tells it apart from the
    // case above.
    [Fact]
    public async Task An_ack_that_is_repeated_after_the_message_was_given_to_another_is_expired()
    {
        var time = new FakeTimeProvider();
        WatchedReads reads = null!;
        await using var broker = await EmbeddedBroker.CreateAsync(
            new EmbeddedBrokerSettings { Time = time, Decorate = inner => reads = new WatchedReads(inner) });
        await using var client = Clients.Open(broker.Address);
        await client.RegisterAsync("e");
        await using var subscription = await client.SubscribeAsync("e", new SubscribeOptions { WorkerGroup = "g", AckTimeout = TimeSpan.FromSeconds(10) });
        await client.PublishAsync("e", "m-1");
        var delivery = await subscription.NextAsync();
        await reads.HandedOverAsync();
        var attempts = 0;
        broker.Requests.Door = async context =>
        {
            if (context.Request.Path.Value!.EndsWith("/Ack", StringComparison.Ordinal) && Interlocked.Increment(ref attempts) == 1)
            {
                time.Advance(TimeSpan.FromSeconds(10));
                await context.Response.StartAsync();
                context.Abort();
            }
        };

        Assert.Equal(SettleResult.Expired, await delivery.AckAsync());
        Assert.Equal(2, attempts);
        Assert.Equal(("m-1", 1), (await subscription.NextAsync()) is var again ? (again.Id, again.RetryCount) : default);
    }

    // Tried again by the program, after all attempts of the client.
    [Fact]
    public async Task An_ack_that_has_failed_and_had_arrived_is_settled_when_the_program_tries_it_again()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address, static o => o.Retry.MaxRetries = 0);
        await client.RegisterAsync("e");
        await using var subscription = await client.SubscribeAsync("e");
        await client.PublishAsync("e", "m-1");
        var delivery = await subscription.NextAsync();
        broker.Requests.After = static context =>
        {
            if (context.Request.Path.Value!.EndsWith("/Ack", StringComparison.Ordinal))
            {
                context.Abort();
            }
        };
        await Assert.ThrowsAsync<EventBrokerException>(() => delivery.AckAsync());
        broker.Requests.After = null;

        Assert.Equal(SettleResult.Settled, await delivery.AckAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Acks_that_nobody_waits_for_are_sent_before_the_close(bool lingers)
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(
            broker.Address, o => (o.SettlementBatchSize, o.SettlementLinger) = (30, lingers ? TimeSpan.FromMinutes(1) : TimeSpan.Zero));
        await client.RegisterAsync("e");
        var first = await client.SubscribeAsync("e", new SubscribeOptions { WorkerGroup = "g", MaxInFlight = 500 });
        await PublishAsync(client, 500);
        foreach (var delivery in await first.NextAsync(500))
        {
            _ = delivery.AckAsync();
        }

        await first.DisposeAsync();
        await using var second = await client.SubscribeAsync("e", new SubscribeOptions { WorkerGroup = "g" });
        await client.PublishAsync("e", "last");

        Assert.Equal("last", (await second.NextAsync()).Id);
    }

    private static (List<int> Sizes, Counted Calls, TaskCompletionSource Release) Watch(GoEventServer server)
    {
        var sizes = new List<int>();
        var calls = new Counted();
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Service.OnAck = request =>
        {
            sizes.Add(request.Entries.Count);
            calls.Increment();
            return release.Task;
        };
        return (sizes, calls, release);
    }

    private static async Task<Subscription<Delivery>> SubscribeAsync(RemoteTransport client, int messages)
    {
        await client.RegisterAsync("e");
        var subscription = await client.SubscribeAsync("e");
        await PublishAsync(client, messages);
        return subscription;
    }

    private static async Task PublishAsync(RemoteTransport client, int messages)
    {
        var results = await client.PublishBatchAsync("e", [.. Enumerable.Range(0, messages).Select(static i => Clients.Message($"m-{i}"))]);
        Assert.All(results, static r => Assert.Null(r.Failure));
    }
}
