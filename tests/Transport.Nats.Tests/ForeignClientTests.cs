using EventBroker.Nats.Tests;
using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using NATS.Client.Core;

namespace EventBroker.Transport.Nats.Tests;

// Other NATS clients on the same subjects, over a server without JetStream: the events stand in the settings.
public sealed class ForeignClientTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private NatsServer _server = null!;
    private NatsTransport _transport = null!;
    private NatsConnection _somebody = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await NatsServer.StartAsync();
        _transport = await NatsTransports.StartAsync(_server.Address, static s => s.Events = ["order.created", "a..b"]);
        _somebody = new NatsConnection(new NatsOpts { Url = _server.Address });
    }

    public async ValueTask DisposeAsync()
    {
        await _somebody.DisposeAsync();
        await _transport.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task What_another_client_publishes_is_a_message_with_its_headers_as_metadata()
    {
        await using var subscriber = await SubscribeAsync("a..b");
        await _somebody.PublishAsync("eb.a.=.b", "plain"u8.ToArray());
        await _somebody.PublishAsync(
            "eb.a.=.b", "with headers"u8.ToArray(), new NatsHeaders { ["Nats-Msg-Id"] = "m-1", ["Tenant"] = "acme", ["twice"] = new(["1", "2"]) });
        var taken = await subscriber.TakeAsync(2);
        Assert.Equal(["plain", "with headers"], taken.Select(TestSubscriber.Text));
        Assert.NotEmpty(taken[0].Message.GetId());
        Assert.Equal("nats", taken[0].Message.GetSource());
        Assert.Equal("m-1", taken[1].Message.GetId());
        Assert.Equal("acme", taken[1].Message.GetMetadata("Tenant"));
        Assert.Equal("1,2", taken[1].Message.GetMetadata("twice"));
    }

    [Fact]
    public async Task Another_client_reads_the_payload_and_the_metadata_as_headers()
    {
        await using var subscription = await _somebody.SubscribeCoreAsync<byte[]>("eb.order.created");
        await _somebody.PingAsync();
        var message = MessageEncoder.Encode(
            "m-1", "shop", "plain"u8, [new("tenant", "acme"), new("not a header", "a\r\nb")], new MessageTimestamp(1_767_323_045, 409_738_313));
        await _transport.PublishAsync("order.created", new TransportMessage(message), CancellationToken.None);
        var read = await subscription.Msgs.ReadAsync();
        Assert.Equal("plain"u8.ToArray(), read.Data);
        Assert.Equal("m-1", read.Headers!["Nats-Msg-Id"]);
        Assert.Equal("shop", read.Headers["Eb-Source"]);
        Assert.Equal("1767323045.409738313", read.Headers["Eb-Time"]);
        Assert.Equal("acme", read.Headers["tenant"]);
        Assert.Equal("not%20a%20header=a%0D%0Ab", read.Headers["Eb-Meta-0"]);
    }

    [Fact]
    public async Task A_queue_group_of_another_client_and_a_worker_group_here_each_get_every_message()
    {
        await using var subscription = await _somebody.SubscribeCoreAsync<byte[]>("eb.order.created", "others");
        await _somebody.PingAsync();
        await using var member = await SubscribeAsync(
            "order.created", new SubscribeOptions { Mode = DeliveryMode.WorkerPool, WorkerGroup = "others" });
        await _somebody.PublishAsync("eb.order.created", "a"u8.ToArray());
        Assert.Equal("a", TestSubscriber.Text(await member.TakeOneAsync()));
        Assert.Equal("a"u8.ToArray(), (await subscription.Msgs.ReadAsync()).Data);
    }

    [Fact]
    public async Task Without_JetStream_the_events_are_those_of_the_settings_and_no_others()
    {
        Assert.Equal(["a..b", "order.created"], (await _transport.ListAsync(CancellationToken.None)).Order(StringComparer.Ordinal));
        await RefusesAsync(BrokerErrorCode.FailedPrecondition, "JetStream", () => RegisterAsync("new"));
        await RefusesAsync(BrokerErrorCode.AlreadyExists, "", () => RegisterAsync("a..b"));
        await RefusesAsync(BrokerErrorCode.FailedPrecondition, "settings", () => _transport.UnregisterAsync("a..b", CancellationToken.None).AsTask());
        await RefusesAsync(BrokerErrorCode.NotFound, "", () => SubscribeAsync("new"));
    }

    [Fact]
    public async Task A_publisher_is_told_that_nobody_is_there()
    {
        await RefusesAsync(BrokerErrorCode.FailedPrecondition, "nobody is subscribed", () => PublishAsync("order.created", "a"));
        await using var subscriber = await SubscribeAsync("order.created");
        await PublishAsync("order.created", "b");
        Assert.Equal(["b"], await subscriber.TakeTextAsync(1));
    }

    [Fact]
    public async Task What_the_last_member_leaves_behind_is_counted_as_lost()
    {
        var member = await SubscribeAsync("order.created", new SubscribeOptions { Mode = DeliveryMode.WorkerPool });
        await PublishAsync("order.created", "a");
        await member.TakeOneAsync();
        await member.DisposeAsync();
        Assert.Equal("1", (await _transport.CheckHealthAsync(CancellationToken.None)).Details["lost"]);
    }

    private static async Task RefusesAsync(BrokerErrorCode code, string word, Func<Task> call)
    {
        var refusal = await Assert.ThrowsAsync<BrokerException>(call);
        Assert.Equal(code, refusal.Code);
        Assert.Contains(word, refusal.Message, StringComparison.Ordinal);
    }

    private Task RegisterAsync(string name) => _transport.RegisterAsync(name, EventOptions.None, CancellationToken.None).AsTask();

    private async Task PublishAsync(string name, string text) => await _transport.PublishAsync(
        name,
        new TransportMessage(MessageEncoder.Encode("id-" + text, "tests", System.Text.Encoding.UTF8.GetBytes(text), null, default)),
        CancellationToken.None);

    private async Task<TestSubscriber> SubscribeAsync(string name, SubscribeOptions? options = null)
    {
        var probe = new SubscriberProbe();
        return new TestSubscriber(
            await _transport.SubscribeAsync(name, options ?? new SubscribeOptions(), probe, CancellationToken.None), probe, Patience);
    }
}
