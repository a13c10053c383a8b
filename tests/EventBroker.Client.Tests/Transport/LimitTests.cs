using EventBroker.Client.Tests.Hosting;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;

namespace EventBroker.Client.Tests.Transport;

// What is too large or too much today is so tomorrow: it is said once, and the client stays within it.
public sealed class LimitTests
{
    [Fact]
    public async Task A_message_that_is_too_large_for_the_broker_is_sent_once_and_then_refused_here_for_a_minute()
    {
        var time = new FakeTimeProvider();
        var settings = new EmbeddedBrokerSettings();
        settings.Broker.MaxMessageBytes = 10_000;
        await using var broker = await EmbeddedBroker.CreateAsync(settings);
        await using var client = Clients.Open(broker.Address, time: time);
        await client.RegisterAsync("e");
        var large = new OutgoingMessage { Payload = new byte[20_000] };

        await IsRefusedAsync(client, large);
        Assert.Equal(1, broker.Requests.Count("Publish"));
        await IsRefusedAsync(client, large);
        var results = await client.PublishBatchAsync("e", [large, Clients.Message("m-1")]);
        Assert.Equal([ErrorCode.ResourceExhausted, null], results.Select(static r => r.Failure?.Code));
        Assert.Equal(1, broker.Requests.Count("Publish"));

        // The broker may have been started anew with another limit.
        time.Advance(TimeSpan.FromMinutes(1));
        await IsRefusedAsync(client, large);
        Assert.Equal(2, broker.Requests.Count("Publish"));
    }

    [Theory]
    [InlineData(300_000)]
    [InlineData(2_000_000)]
    public async Task A_message_within_what_a_program_allows_and_above_the_brokers_limits_is_sent_once(int size)
    {
        var settings = new EmbeddedBrokerSettings();
        settings.Broker.MaxMessageBytes = 256 * 1024;
        await using var broker = await EmbeddedBroker.CreateAsync(settings);
        broker.IsExpectedError = static error => error.Contains("exceeds the maximum", StringComparison.Ordinal);
        await using var client = Clients.Open(broker.Address);
        await client.RegisterAsync("e");

        await IsRefusedAsync(client, new OutgoingMessage { Payload = new byte[size] });
        Assert.Equal(1, broker.Requests.Count("Publish"));
    }

    [Fact]
    public async Task Metadata_alone_can_make_a_message_too_large_for_the_program_itself()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address, static o => o.MaxMessageBytes = 1024);
        await client.RegisterAsync("e");

        await IsRefusedAsync(client, new OutgoingMessage { Metadata = new Dictionary<string, string> { ["k"] = new('x', 2000) } });
        Assert.Equal(0, broker.Requests.Count("Publish"));
    }

    [Fact]
    public async Task A_message_of_a_batch_that_is_too_large_does_not_make_the_others_go_twice()
    {
        var settings = new EmbeddedBrokerSettings();
        settings.Broker.MaxMessageBytes = 10_000;
        await using var broker = await EmbeddedBroker.CreateAsync(settings);
        await using var client = Clients.Open(broker.Address);
        await client.RegisterAsync("e");

        var results = await client.PublishBatchAsync("e", [Clients.Message("a"), new OutgoingMessage { Payload = new byte[20_000] }, Clients.Message("b")]);

        Assert.Equal([null, false, null], results.Select(static r => r.Failure?.IsTransient));
        Assert.Equal(1, broker.Requests.Count("PublishBatch"));
    }

    [Fact]
    public async Task Batches_and_acks_keep_to_what_the_broker_takes_in_a_call()
    {
        var settings = new EmbeddedBrokerSettings();
        settings.Broker.MaxItemsPerCall = 10;
        await using var broker = await EmbeddedBroker.CreateAsync(settings);
        await using var client = Clients.Open(broker.Address);
        await client.RegisterAsync("e");

        var results = await client.PublishBatchAsync("e", [.. Enumerable.Range(0, 95).Select(static i => Clients.Message($"{i}"))]);
        Assert.All(results, static r => Assert.Null(r.Failure));
        Assert.Equal(11, broker.Requests.Count("PublishBatch"));
        await client.PublishBatchAsync("e", [.. Enumerable.Range(0, 20).Select(static i => Clients.Message($"{i}"))]);
        Assert.Equal(13, broker.Requests.Count("PublishBatch"));

        await using var subscription = await client.SubscribeAsync("e", new SubscribeOptions { WorkerGroup = "g", Start = SubscriptionStart.Beginning });
        var acks = (await subscription.NextAsync(95)).Select(static d => d.AckAsync());
        Assert.All(await Task.WhenAll(acks), static r => Assert.Equal(SettleResult.Settled, r));
    }

    private static async Task IsRefusedAsync(RemoteTransport client, OutgoingMessage message)
    {
        var failure = await Assert.ThrowsAsync<EventBrokerException>(() => client.PublishAsync("e", message));
        Assert.Equal((ErrorCode.ResourceExhausted, false), (failure.Code, failure.IsTransient));
    }
}
