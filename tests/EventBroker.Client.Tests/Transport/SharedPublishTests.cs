using System.Collections.Concurrent;
using EventBroker.Client.Tests.Faults;
using EventBroker.Client.Tests.GoServer;
using EventBroker.Client.Tests.Hosting;
using EventBroker.Sdk.Authorization;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;

namespace EventBroker.Client.Tests.Transport;

// Publishes that are under way at the same time share a call, and nobody who publishes can tell.
public sealed class SharedPublishTests
{
    [Fact]
    public async Task Publishes_under_way_together_share_one_call_in_their_order()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();

        // By the machine's clock a moment without an answer would move some to calls of their own.
        await using var client = Clients.Open(broker.Address, time: new FakeTimeProvider());
        await client.RegisterAsync("e");
        await client.RegisterAsync("other");
        await ShareAsync(client, broker);
        await using var subscription = await client.SubscribeAsync("e", new SubscribeOptions { AutoAck = true });
        var alone = broker.Requests.Count("Publish");

        var ids = Enumerable.Range(0, 2000).Select(static i => $"{i}").ToList();
        var published = await Task.WhenAll(ids.SelectMany(id => new[] { client.PublishAsync("e", id), client.PublishAsync("other", id) }));

        Assert.Equal(ids, published.Where(static (_, i) => i % 2 == 0));
        Assert.Equal(ids, (await subscription.NextAsync(2000)).Select(static d => d.Id));
        Assert.Equal((alone, 1), (broker.Requests.Count("Publish"), broker.Requests.Count("PublishStream")));
    }

    [Fact]
    public async Task Each_has_an_answer_of_its_own()
    {
        var settings = new EmbeddedBrokerSettings();
        settings.Broker.MaxMessageBytes = 10_000;
        await using var broker = await EmbeddedBroker.CreateAsync(settings);
        broker.Authorizer.Decide = static request => request.EventName == "secret" ? AuthorizationDecision.Deny("no") : AuthorizationDecision.Allow;
        await using var client = Clients.Open(broker.Address);
        await client.RegisterAsync("e");
        await ShareAsync(client, broker);
        var tooMany = new OutgoingMessage { Metadata = Enumerable.Range(0, 65).ToDictionary(static i => $"k{i}", static _ => "v") };

        var results = new List<ErrorCode?>();
        foreach (var publish in new[]
        {
            client.PublishAsync("e", "a"), client.PublishAsync("nowhere", "b"), client.PublishAsync("secret", "c"), client.PublishAsync("e", tooMany),
            client.PublishAsync("e", new OutgoingMessage { Payload = new byte[20_000] }), client.PublishAsync("e", "f"),
        })
        {
            results.Add((await Record.ExceptionAsync(() => publish) as EventBrokerException)?.Code);
        }

        Assert.Equal([null, ErrorCode.NotFound, ErrorCode.PermissionDenied, ErrorCode.InvalidArgument, ErrorCode.ResourceExhausted, null], results);
    }

    [Fact]
    public async Task Against_a_server_without_such_a_call_each_has_its_own()
    {
        await using var server = await GoEventServer.CreateAsync();
        await using var client = Clients.Open(server.Address);
        await client.RegisterAsync("e");
        for (var round = 0; round < 5; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 100).Select(i => client.PublishAsync("e", $"{round}-{i}")));
        }

        Assert.Equal(500, server.Requests.Count("Publish"));
        Assert.InRange(server.Requests.Count("PublishStream"), 0, 1);
    }

    [Fact]
    public async Task A_program_can_do_without()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address, static o => o.ShareCalls = false);
        await client.RegisterAsync("e");

        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => client.PublishAsync("e", $"{i}")));

        Assert.Equal((100, 0), (broker.Requests.Count("Publish"), broker.Requests.Count("PublishStream")));
    }

    [Fact]
    public async Task Messages_keep_their_publishers_and_large_ones_have_calls_of_their_own()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address, static o => o.Source = "program");
        await client.RegisterAsync("e");
        await ShareAsync(client, broker);
        await using var subscription = await client.SubscribeAsync("e", new SubscribeOptions { AutoAck = true });
        var alone = broker.Requests.Count("Publish");

        await Task.WhenAll(Enumerable.Range(0, 300).Select(i => client.PublishAsync("e", new OutgoingMessage
        {
            Id = $"{i}",
            Source = (i % 30) is var publisher and > 0 ? $"p-{publisher}" : null,
        })));
        await client.PublishAsync("e", new OutgoingMessage { Id = "300", Payload = new byte[100_000] });

        foreach (var delivery in await subscription.NextAsync(301))
        {
            var publisher = int.Parse(delivery.Id, System.Globalization.CultureInfo.InvariantCulture) % 30;
            Assert.Equal(publisher > 0 ? $"p-{publisher}" : "program", delivery.Source);
        }

        Assert.True(broker.Requests.Count("Publish") > alone);
    }

    // The memory transport drops no copies: one that is published twice would come twice.
    [Fact]
    public async Task What_a_broker_has_not_answered_when_it_drains_is_published_once_all_the_same()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address, static o => o.Retry.MaxRetries = 100);
        await client.RegisterAsync("e");
        await ShareAsync(client, broker);
        await using var subscription = await client.SubscribeAsync("e", new SubscribeOptions { WorkerGroup = "g" });
        var published = new ConcurrentQueue<string>();
        var enough = new Counted();
        using var stop = new CancellationTokenSource();
        var publishers = Enumerable.Range(0, 64).Select(PublishAsync).ToList();

        for (var round = 1; round <= 3; round++)
        {
            await enough.ReachAsync(round * 2000);
            await broker.RestartAsync();
        }

        await enough.ReachAsync(8000);
        await stop.CancelAsync();
        await Task.WhenAll(publishers);

        // What was unsettled at a restart comes again, and is no copy.
        var seen = new HashSet<string>();
        while (seen.Count < published.Count)
        {
            var delivery = await subscription.NextAsync();
            Assert.True(seen.Add(delivery.Id) || delivery.RetryCount > 0, $"{delivery.Id} came twice");
            _ = delivery.AckAsync();
        }

        Assert.True(seen.SetEquals(published));

        async Task PublishAsync(int publisher)
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                published.Enqueue(await client.PublishAsync("e", $"{publisher}-{i}"));
                enough.Increment();
            }
        }
    }

    [Fact]
    public async Task A_broker_that_drains_ends_the_shared_call_and_waits_for_nobody()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address);
        await client.RegisterAsync("e");
        await ShareAsync(client, broker);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        broker.Requests.After = context =>
        {
            if (context.Request.Path.Value!.EndsWith("/PublishStream", StringComparison.Ordinal))
            {
                ended.TrySetResult();
            }
        };

        await broker.RestartAsync();

        await ended.Task;
        await client.PublishAsync("e", "m-1");
    }

    [Fact]
    public async Task When_the_identity_is_over_what_was_not_answered_goes_with_the_next_token()
    {
        var time = new FakeTimeProvider();
        await using var broker = await EmbeddedBroker.CreateAsync(new EmbeddedBrokerSettings { Time = time });
        var tokens = 0;
        broker.Authorizer.Decide = request =>
        {
            request.Caller.ExpiresAt ??= time.GetUtcNow() + TimeSpan.FromMinutes(5);
            return AuthorizationDecision.Allow;
        };
        await using var client = Clients.Open(broker.Address, o =>
        {
            o.Retry.MaxRetries = 0;
            o.TokenProvider = _ => new ValueTask<string?>($"token-{Interlocked.Increment(ref tokens)}");
        });
        await client.RegisterAsync("e");
        await ShareAsync(client, broker);
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = new Counted();
        broker.Authorizer.Before = request =>
        {
            waiting.Increment();
            return request.EventName == "e" ? held.Task : Task.CompletedTask;
        };
        var first = client.PublishAsync("e", "begun");
        await waiting.ReachAsync(1);
        var second = client.PublishAsync("e", "not begun");

        time.Advance(TimeSpan.FromMinutes(5));
        broker.Authorizer.Before = null;
        held.SetResult();

        await first;
        await second;
        await using var subscription = await client.SubscribeAsync("e", new SubscribeOptions { AutoAck = true, Start = SubscriptionStart.Beginning });
        var all = await subscription.NextAsync(broker.Requests.Count("Publish") + 2);
        Assert.Single(all, static d => d.Id == "begun");
        Assert.Single(all, static d => d.Id == "not begun");
    }

    [Fact]
    public async Task An_event_that_gets_no_answer_holds_up_no_other_for_long_and_nobody_who_gives_up()
    {
        var time = new FakeTimeProvider();
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address, time: time);
        await client.RegisterAsync("e");
        await client.RegisterAsync("stuck");
        await ShareAsync(client, broker);
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = new Counted();
        broker.Authorizer.Before = request =>
        {
            if (request.EventName != "stuck")
            {
                return Task.CompletedTask;
            }

            waiting.Increment();
            return held.Task;
        };
        var stuck = client.PublishAsync("stuck", "m-1");
        await waiting.ReachAsync(1);
        using var impatience = new CancellationTokenSource();
        var givenUp = client.PublishAsync("stuck", Clients.Message("m-2"), impatience.Token);

        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => givenUp);
        time.Advance(TimeSpan.FromSeconds(2));
        await client.PublishAsync("e", "m-3");
        var again = client.PublishAsync("stuck", "m-4");
        await waiting.ReachAsync(2);
        held.SetResult();

        Assert.Equal("m-1", await stuck);
        Assert.Equal("m-4", await again);
    }

    [Fact]
    public async Task A_cut_fails_what_was_not_answered_as_it_does_alone()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var proxy = new FaultProxy(broker.Address);
        await using var client = Clients.Open(proxy.Address, static o => o.Retry.MaxRetries = 0);
        await client.RegisterAsync("e");
        await ShareAsync(client, broker);
        proxy.ToClient.Mode = GateMode.Hold;
        var publishes = Enumerable.Range(0, 10).Select(i => client.PublishAsync("e", $"{i}")).ToList();
        await proxy.ToClient.StoppedAsync(1);

        await proxy.CutAsync();
        foreach (var publish in publishes)
        {
            var failure = await Assert.ThrowsAsync<EventBrokerException>(() => publish);
            Assert.Equal((ErrorCode.Unavailable, true), (failure.Code, failure.IsTransient));
        }

        proxy.ToClient.Mode = GateMode.Pass;
        proxy.Restore();
        await Task.WhenAll(Enumerable.Range(10, 10).Select(i => client.PublishAsync("e", $"{i}")));
    }

    [Fact]
    public async Task A_shared_call_that_nobody_uses_is_ended()
    {
        var time = new FakeTimeProvider();
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address, time: time);
        await client.RegisterAsync("e");
        var ended = new Counted();
        broker.Requests.After = context =>
        {
            if (context.Request.Path.Value!.EndsWith("/PublishStream", StringComparison.Ordinal))
            {
                ended.Increment();
            }
        };
        await ShareAsync(client, broker);

        for (var i = 0; i < 4; i++)
        {
            time.Advance(TimeSpan.FromSeconds(10));
        }

        await ended.ReachAsync(1);
        await ShareAsync(client, broker);
        Assert.Equal(2, broker.Requests.Count("PublishStream"));
    }

    // Until a call is shared: it is opened once two publishes are under way, and used once it has been seen to work.
    private static async Task ShareAsync(RemoteTransport client, EmbeddedBroker broker)
    {
        var opened = new Counted();
        var before = broker.Requests.Count("PublishStream");
        broker.Requests.Door = context => context.Request.Path.Value!.EndsWith("/PublishStream", StringComparison.Ordinal) ? Opened()
            : context.Request.Path.Value!.EndsWith("/Publish", StringComparison.Ordinal) ? opened.ReachAsync(1)
            : Task.CompletedTask;
        await Task.WhenAll(client.PublishAsync("e", "first"), client.PublishAsync("e", "second"));
        broker.Requests.Door = null;
        Assert.Equal(before + 1, broker.Requests.Count("PublishStream"));
        int alone;
        do
        {
            alone = broker.Requests.Count("Publish");
            await client.PublishAsync("e", "probe");
        }
        while (broker.Requests.Count("Publish") > alone);

        Task Opened()
        {
            opened.Increment();
            return Task.CompletedTask;
        }
    }
}
