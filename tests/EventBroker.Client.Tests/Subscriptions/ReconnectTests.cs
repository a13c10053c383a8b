using System.Collections.Concurrent;
using EventBroker.Client.Tests.Faults;
using EventBroker.Client.Tests.GoServer;
using EventBroker.Client.Tests.Hosting;
using EventBroker.Sdk.Authorization;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;

namespace EventBroker.Client.Tests.Subscriptions;

public sealed class ReconnectTests
{
    [Fact]
    public async Task A_quiet_subscription_that_was_open_for_long_is_not_given_up_after_many_cuts()
    {
        var time = new FakeTimeProvider();
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var proxy = new FaultProxy(broker.Address);
        await using var client = Clients.Open(proxy.Address, AtOnce, time);
        await client.RegisterAsync("e");
        var openings = new Counted();
        var faults = new ConcurrentQueue<SubscriptionFault>();
        await using var subscription = await client.SubscribeAsync(
            "e", new SubscribeOptions { OnOpened = _ => openings.Increment(), OnFault = faults.Enqueue });

        for (var cut = 1; cut <= 5; cut++)
        {
            time.Advance(TimeSpan.FromHours(1));
            proxy.CutConnections();
            await openings.ReachAsync(cut + 1);
        }

        Assert.Equal(5, faults.Count);
        Assert.All(faults, static f => Assert.Equal(1, f.ConsecutiveFailures));
        Assert.All(faults, static f => Assert.Equal(ErrorCode.Unavailable, f.Exception.Code));
    }

    [Fact]
    public async Task Unless_it_is_told_to_a_subscription_never_gives_up()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var proxy = new FaultProxy(broker.Address);
        await using var publisher = Clients.Open(broker.Address);
        await using var client = Clients.Open(proxy.Address);
        await client.RegisterAsync("e");
        var failures = new Counted();
        await using var subscription = await client.SubscribeAsync("e", new SubscribeOptions { OnFault = _ => failures.Increment() });

        await proxy.CutAsync();
        await failures.ReachAsync(30);
        await publisher.PublishAsync("e", "m-1");
        proxy.Restore();

        Assert.Equal("m-1", (await subscription.NextAsync()).Id);
    }

    // A broker that takes a subscription and drops it at once is no better than one that is away.
    [Fact]
    public async Task Streams_that_open_and_break_at_once_are_failures_in_a_row_whatever_they_brought()
    {
        var time = new FakeTimeProvider();
        await using var server = await GoEventServer.CreateAsync();
        await using var client = Clients.Open(
            server.Address, static o => o.Reconnect = new RetryOptions { MaxRetries = 2, FirstBackoff = TimeSpan.Zero, LongestBackoff = TimeSpan.Zero }, time);
        await client.RegisterAsync("e");
        server.Service.SendsHeadersAtOnce = true;
        var faults = new ConcurrentQueue<SubscriptionFault>();
        var subscribing = client.SubscribeAsync("e", new SubscribeOptions { OnFault = faults.Enqueue });
        await server.Service.Subscribed.ReachAsync(1);
        await client.PublishAsync("e", "m-0");
        await using var subscription = await subscribing;
        for (var i = 1; i <= 3; i++)
        {
            await subscription.NextAsync();
            server.Service.EndStreams(new RpcException(new Status(StatusCode.Unavailable, "gone")));
            if (i < 3)
            {
                await server.Service.Subscribed.ReachAsync(i + 1);
                await client.PublishAsync("e", $"m-{i}");
            }
        }

        await Assert.ThrowsAsync<EventBrokerException>(() => subscription.Completion);
        Assert.Equal([1, 2, 3], faults.Select(static f => f.ConsecutiveFailures));
    }

    [Fact]
    public async Task After_as_many_failures_in_a_row_as_configured_the_enumeration_ends_with_the_last()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var proxy = new FaultProxy(broker.Address);
        await using var client = Clients.Open(proxy.Address, static o => o.Reconnect.MaxRetries = 2);
        await client.RegisterAsync("e");
        var faults = new ConcurrentQueue<SubscriptionFault>();
        await using var subscription = await client.SubscribeAsync("e", new SubscribeOptions { OnFault = faults.Enqueue });

        await proxy.CutAsync();

        var exception = await Assert.ThrowsAsync<EventBrokerException>(() => subscription.NextAsync());
        Assert.Equal(ErrorCode.Unavailable, exception.Code);
        Assert.Equal([1, 2, 3], faults.Select(static f => f.ConsecutiveFailures));
        Assert.Equal([true, true, false], faults.Select(static f => f.RetryAfter is not null));
        Assert.Same(exception, faults.Last().Exception);
        Assert.Same(exception, await Assert.ThrowsAsync<EventBrokerException>(() => subscription.Completion));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Without_reconnect_the_enumeration_ends_as_the_stream_did(bool withError)
    {
        await using var server = await GoEventServer.CreateAsync();
        await using var client = Clients.Open(server.Address, static o => o.Reconnect.MaxRetries = 0);
        await client.RegisterAsync("e");
        var faults = new ConcurrentQueue<SubscriptionFault>();
        await using var subscription = await client.SubscribeAsync("e", new SubscribeOptions { OnFault = faults.Enqueue });
        await client.PublishAsync("e", "m-1");
        await subscription.NextAsync();

        server.Service.EndStreams(withError ? new RpcException(new Status(StatusCode.Unavailable, "gone")) : null);

        if (withError)
        {
            Assert.Equal("gone", (await Assert.ThrowsAsync<EventBrokerException>(subscription.HasEndedAsync)).Message);
        }
        else
        {
            Assert.True(await subscription.HasEndedAsync());
            await subscription.Completion;
        }

        Assert.Null(Assert.Single(faults).RetryAfter);
    }

    [Fact]
    public async Task Denied_is_an_error_at_once_also_on_reconnect()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var proxy = new FaultProxy(broker.Address);
        await using var client = Clients.Open(proxy.Address);
        await client.RegisterAsync("e");
        await using var subscription = await client.SubscribeAsync("e");
        broker.Authorizer.Decide = static _ => AuthorizationDecision.Deny("not any more");

        var first = await Assert.ThrowsAsync<EventBrokerException>(() => client.SubscribeAsync("e"));
        var asked = broker.Requests.Count("Subscribe");
        proxy.CutConnections();
        var second = await Assert.ThrowsAsync<EventBrokerException>(() => subscription.NextAsync());

        Assert.Equal(ErrorCode.PermissionDenied, first.Code);
        Assert.Equal(ErrorCode.PermissionDenied, second.Code);
        Assert.Equal(2, asked);
        Assert.Equal(3, broker.Requests.Count("Subscribe"));
    }

    [Fact]
    public async Task An_event_that_is_gone_is_an_error_at_once_also_on_reconnect()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address);
        await client.RegisterAsync("e");
        var faults = new ConcurrentQueue<SubscriptionFault>();
        await using var subscription = await client.SubscribeAsync("e", new SubscribeOptions { OnFault = faults.Enqueue });

        var missing = await Assert.ThrowsAsync<EventBrokerException>(() => client.SubscribeAsync("z"));
        await client.UnregisterAsync("e");
        var gone = await Assert.ThrowsAsync<EventBrokerException>(() => subscription.NextAsync());

        Assert.Equal(ErrorCode.NotFound, missing.Code);
        Assert.Equal(ErrorCode.NotFound, gone.Code);
        Assert.Equal([ErrorCode.Aborted, ErrorCode.NotFound], faults.Select(static f => f.Exception.Code));
    }

    [Theory]
    [InlineData("g")]
    [InlineData(null)]
    public async Task What_came_before_a_cut_is_taken_back(string? group)
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var proxy = new FaultProxy(broker.Address);
        await using var client = Clients.Open(proxy.Address);
        await client.RegisterAsync("e");
        await using var subscription = await client.SubscribeAsync("e", new SubscribeOptions { WorkerGroup = group });
        await client.PublishAsync("e", "m-1");
        var before = await subscription.NextAsync();
        Assert.False(before.IsTakenBack);

        proxy.CutConnections();
        var after = await subscription.NextAsync();

        Assert.Equal("m-1", after.Id);
        Assert.True(before.IsTakenBack);
        Assert.False(after.IsTakenBack);
        Assert.Equal(SettleResult.Expired, await before.AckAsync());
        Assert.Equal(SettleResult.Settled, await after.AckAsync());
    }

    [Fact]
    public async Task A_missing_event_is_registered_if_asked_for_also_on_reconnect()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address);
        var openings = new ConcurrentQueue<SubscriptionOpening>();
        var opened = new Counted();
        await using var subscription = await client.SubscribeAsync("e", new SubscribeOptions
        {
            RegisterMissingEvent = true,
            OnOpened = opening =>
            {
                openings.Enqueue(opening);
                opened.Increment();
            },
        });
        await client.PublishAsync("e", "m-1");
        await (await subscription.NextAsync()).AckAsync();

        await broker.RestartEmptyAsync();
        await opened.ReachAsync(2);
        await client.PublishAsync("e", "m-2");

        Assert.Equal("m-2", (await subscription.NextAsync()).Id);
        Assert.Equal([ResumeOutcome.NotAsked, ResumeOutcome.Lost], openings.Select(static o => o.Resume));
        Assert.Equal([0, 1], openings.Select(static o => o.Reconnects));
    }

    [Fact]
    public async Task A_token_that_can_not_be_had_during_an_outage_is_a_fault_like_any_other()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var proxy = new FaultProxy(broker.Address);
        var failures = 0;
        await using var client = Clients.Open(proxy.Address, o => o.TokenProvider = _ =>
            Interlocked.Decrement(ref failures) >= 0 ? throw new HttpRequestException("no token") : new("t"));
        await client.RegisterAsync("e");
        var faults = new ConcurrentQueue<SubscriptionFault>();
        var opened = new Counted();
        await using var subscription = await client.SubscribeAsync(
            "e", new SubscribeOptions { OnFault = faults.Enqueue, OnOpened = _ => opened.Increment() });

        Interlocked.Exchange(ref failures, 2);
        proxy.CutConnections();
        await opened.ReachAsync(2);

        Assert.Equal(3, faults.Count);
        Assert.IsType<HttpRequestException>(faults.Last().Exception.InnerException);
    }

    [Fact]
    public async Task A_callback_that_throws_harms_nothing()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var proxy = new FaultProxy(broker.Address);
        await using var client = Clients.Open(proxy.Address);
        await client.RegisterAsync("e");
        var opened = new Counted();
        await using var subscription = await client.SubscribeAsync("e", new SubscribeOptions
        {
            OnFault = static _ => throw new InvalidOperationException(),
            OnOpened = _ =>
            {
                opened.Increment();
                throw new InvalidOperationException();
            },
        });

        proxy.CutConnections();
        await opened.ReachAsync(2);
    }

    [Fact]
    public async Task A_subscription_is_open_only_when_the_broker_has_accepted_it_however_long_that_takes()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address);
        await client.RegisterAsync("e");
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = new Counted();
        broker.Authorizer.Before = request => request.Operation == BrokerOperation.Subscribe ? release.Task : Task.CompletedTask;
        broker.Authorizer.Decide = static _ => AuthorizationDecision.Deny("no");
        broker.Requests.Door = context =>
        {
            if (context.Request.Path.Value!.EndsWith("Health", StringComparison.Ordinal))
            {
                asked.Increment();
            }

            return Task.CompletedTask;
        };

        var subscribe = client.SubscribeAsync("e");
        await asked.ReachAsync(1);
        await client.CheckHealthAsync();
        release.SetResult();

        Assert.Equal(ErrorCode.PermissionDenied, (await Assert.ThrowsAsync<EventBrokerException>(() => subscribe)).Code);
    }

    private static void AtOnce(RemoteTransportOptions options)
    {
        options.Retry.FirstBackoff = options.Retry.LongestBackoff = TimeSpan.Zero;
        options.Reconnect.FirstBackoff = options.Reconnect.LongestBackoff = TimeSpan.Zero;
        options.Reconnect.MaxRetries = 1;
    }
}
