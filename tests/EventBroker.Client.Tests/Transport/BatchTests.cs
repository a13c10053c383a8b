using System.Globalization;
using EventBroker.Client.Tests.Faults;
using EventBroker.Client.Tests.Hosting;
using Grpc.Core;

namespace EventBroker.Client.Tests.Transport;

public sealed class BatchTests
{
    [Fact]
    public async Task Messages_arrive_in_their_order_over_few_calls()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address);
        await client.RegisterAsync("e");
        await using var subscription = await client.SubscribeAsync("e", new SubscribeOptions { AutoAck = true });
        var ids = Enumerable.Range(0, 2500).Select(static i => i.ToString(CultureInfo.InvariantCulture)).ToList();

        var results = await client.PublishBatchAsync("e", [.. ids.Select(static i => Clients.Message(i))]);

        Assert.Equal(ids, results.Select(static r => r.Id));
        Assert.All(results, static r => Assert.Null(r.Failure));
        Assert.Equal(ids, (await subscription.NextAsync(2500)).Select(static d => d.Id));
        Assert.Equal(3, broker.Requests.Count("PublishBatch"));
        Assert.Empty(await client.PublishBatchAsync("e", []));
    }

    [Fact]
    public async Task Those_that_are_too_large_or_refused_fail_alone()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address);
        await client.RegisterAsync("e");
        await using var subscription = await client.SubscribeAsync("e");
        var tooManyEntries = Enumerable.Range(0, 65).ToDictionary(static i => $"k{i}", static _ => "v");

        var results = await client.PublishBatchAsync("e",
        [
            Clients.Message("a"),
            new OutgoingMessage { Id = "huge", Payload = new byte[5 * 1024 * 1024] },
            new OutgoingMessage { Id = "odd", Metadata = tooManyEntries },
            Clients.Message("b"),
        ]);

        Assert.Equal(
            [null, ErrorCode.ResourceExhausted, ErrorCode.InvalidArgument, null], results.Select(static r => r.Failure?.Code));
        Assert.Equal(["a", "b"], (await subscription.NextAsync(2)).Select(static d => d.Id));
    }

    [Fact]
    public async Task Large_messages_are_spread_over_calls()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address);
        await client.RegisterAsync("e");

        var results = await client.PublishBatchAsync(
            "e", [.. Enumerable.Range(0, 8).Select(static i => new OutgoingMessage { Payload = new byte[600_000] })]);

        Assert.All(results, static r => Assert.Null(r.Failure));
        Assert.Equal(8, broker.Requests.Count("PublishBatch"));
    }

    [Fact]
    public async Task An_unregistered_event_fails_every_message_and_is_asked_once()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address);

        var results = await client.PublishBatchAsync("z", [Clients.Message("a"), Clients.Message("b")]);

        Assert.All(results, static r => Assert.Equal(ErrorCode.NotFound, r.Failure!.Code));
        Assert.Equal(1, broker.Requests.Count("PublishBatch"));
    }

    [Fact]
    public async Task A_batch_whose_answer_was_lost_is_sent_again_under_the_same_ids()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var proxy = new FaultProxy(broker.Address);
        await using var client = Clients.Open(proxy.Address);
        await using var watcher = Clients.Open(broker.Address);
        await client.RegisterAsync("e");
        await using var subscription = await watcher.SubscribeAsync("e");
        proxy.ToClient.Mode = GateMode.Hold;

        var publish = client.PublishBatchAsync("e", [Clients.Message("a"), Clients.Message("b")]);
        await subscription.NextAsync(2);
        proxy.CutConnections();
        proxy.ToClient.Mode = GateMode.Pass;

        Assert.All(await publish, static r => Assert.Null(r.Failure));
        Assert.Equal(["a", "b"], (await subscription.NextAsync(2)).Select(static d => d.Id));
    }

    [Fact]
    public async Task Once_a_call_did_not_get_through_in_all_its_attempts_the_rest_of_the_batch_is_not_tried()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address, static o => o.Retry.MaxRetries = 2);
        await client.RegisterAsync("e");
        broker.Requests.Door = static context =>
        {
            context.Response.StatusCode = 503;
            return context.Response.StartAsync();
        };

        var results = await client.PublishBatchAsync("e", [.. Enumerable.Range(0, 5000).Select(static i => Clients.Message($"{i}"))]);

        Assert.All(results, static r => Assert.Equal(ErrorCode.Unavailable, r.Failure!.Code));
        Assert.Equal(3, broker.Requests.Count("PublishBatch"));
    }

    [Fact]
    public async Task An_oversized_message_is_refused_before_it_is_sent()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address);

        var exception = await Assert.ThrowsAsync<EventBrokerException>(
            () => client.PublishAsync("e", new OutgoingMessage { Payload = new byte[5 * 1024 * 1024] }));

        Assert.Equal(ErrorCode.ResourceExhausted, exception.Code);
        Assert.Equal(0, broker.Requests.Count("Publish"));
    }

    [Fact]
    public async Task The_largest_message_that_the_broker_takes_comes_through_and_a_larger_one_is_refused()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address);
        await client.RegisterAsync("e");
        await using var subscription = await client.SubscribeAsync("e");

        await client.PublishAsync("e", new OutgoingMessage { Payload = new byte[(4 * 1024 * 1024) - 200] });
        var exception = await Assert.ThrowsAsync<EventBrokerException>(
            () => client.PublishAsync("e", new OutgoingMessage { Payload = new byte[(4 * 1024 * 1024) + 1] }));

        Assert.Equal((4 * 1024 * 1024) - 200, (await subscription.NextAsync()).Payload.Length);
        Assert.Equal(ErrorCode.ResourceExhausted, exception.Code);
    }

    [Fact]
    public async Task A_token_provider_that_fails_in_between_fails_only_what_it_was_asked_for()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        var asked = 0;
        await using var client = Clients.Open(broker.Address, o => o.TokenProvider = _ =>
            Interlocked.Increment(ref asked) == 3 ? throw new InvalidOperationException("no tokens left") : new("token"));
        await client.RegisterAsync("e");

        var results = await client.PublishBatchAsync(
            "e", [.. ((string[])["a", "b", "c"]).Select(static source => new OutgoingMessage { Source = source })]);

        Assert.Equal([null, "no tokens left", null], results.Select(static r => r.Failure?.Message));
        Assert.IsType<InvalidOperationException>(results[1].Failure!.InnerException);
    }
}
