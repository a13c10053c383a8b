using EventBroker.Nats.Tests;
using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.JetStream.Tests.Hosting;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace EventBroker.Transport.JetStream.Tests;

// One stream of an operator for all events.
public sealed class SharedStreamTests : IAsyncLifetime
{
    private NatsServer _server = null!;
    private NatsConnection _operator = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await NatsServer.StartAsync("-js");
        _operator = new NatsConnection(new NatsOpts { Url = _server.Address });
    }

    public async ValueTask DisposeAsync()
    {
        await _operator.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Events_of_one_stream_are_as_far_apart_as_others()
    {
        await MakeStreamAsync("eb.>");
        await using var transport = await StartAsync("a", "a.b");
        await using var groupOfA = await SubscribeAsync(transport, "a", Group);
        await using var groupOfB = await SubscribeAsync(transport, "a.b", Group);
        await using var everybody = await SubscribeAsync(transport, "a", new SubscribeOptions());
        for (var i = 0; i < 5; i++)
        {
            // The same ids, and every other message of the stream somebody else's.
            Assert.False((await PublishAsync(transport, "a", $"m-{i}", $"a{i}")).IsDuplicate);
            Assert.False((await PublishAsync(transport, "a.b", $"m-{i}", $"b{i}")).IsDuplicate);
        }

        Assert.True((await PublishAsync(transport, "a", "m-0", "again")).IsDuplicate);
        var taken = await groupOfA.TakeAsync(2);
        Assert.Equal(["a0", "a1"], taken.Select(TestSubscriber.Text));
        Assert.All(taken, static d => Assert.Equal(0, d.Missed));
        Assert.Equal([SettlementOutcome.Done], await groupOfA.CompleteAsync(taken[0]));
        Assert.Equal(["b0", "b1", "b2", "b3", "b4"], await groupOfB.TakeTextAsync(5));
        var seen = await everybody.TakeAsync(5);
        Assert.Equal(["a0", "a1", "a2", "a3", "a4"], seen.Select(TestSubscriber.Text));
        Assert.All(seen, static d => Assert.Equal(0, d.Missed));

        var description = await transport.DescribeAsync("a", CancellationToken.None);
        Assert.Equal(5, description.Messages);
        Assert.Equal((3L, 1L), Assert.Single(description.Groups) is var group ? (group.Lag, group.Unsettled) : default);
    }

    [Fact]
    public async Task A_later_broadcast_begins_where_it_is_told_to_and_a_cursor_of_another_event_is_lost()
    {
        await MakeStreamAsync("eb.a", "eb.b");
        await using var transport = await StartAsync("a", "b");
        await PublishAsync(transport, "a", "1", "a1");
        await PublishAsync(transport, "b", "2", "b1");
        await using var all = await SubscribeAsync(transport, "b", new SubscribeOptions { Start = StartPosition.Beginning });
        var first = await all.TakeOneAsync();
        await PublishAsync(transport, "a", "3", "a2");
        await PublishAsync(transport, "b", "4", "b2");
        Assert.Equal(["b2"], await all.TakeTextAsync(1));

        var cursor = first.Position.ToString();
        await using var resumed = await SubscribeAsync(transport, "b", new SubscribeOptions { ResumeAfter = cursor });
        Assert.Equal((ResumeOutcome.Exact, "b2"), (resumed.Subscription.Resume, (await resumed.TakeTextAsync(1))[0]));
        await using var other = await SubscribeAsync(transport, "a", new SubscribeOptions { ResumeAfter = cursor });
        Assert.Equal(ResumeOutcome.Lost, other.Subscription.Resume);
        Assert.Equal(["a1", "a2"], await other.TakeTextAsync(2));
    }

    [Fact]
    public async Task Its_events_are_those_of_the_settings()
    {
        await MakeStreamAsync("eb.a");
        await using var transport = await StartAsync("a", "b");
        Assert.Equal(["a", "b"], await transport.ListAsync(CancellationToken.None));
        Assert.Equal(BrokerErrorCode.AlreadyExists, await RefusalAsync(() => RegisterAsync(transport, "a")));
        Assert.Equal(BrokerErrorCode.FailedPrecondition, await RefusalAsync(() => RegisterAsync(transport, "c")));
        Assert.Equal(BrokerErrorCode.FailedPrecondition, await RefusalAsync(() => transport.UnregisterAsync("a", CancellationToken.None).AsTask()));
        Assert.Equal(BrokerErrorCode.NotFound, await RefusalAsync(() => PublishAsync(transport, "c", "m", "x")));

        // Named, and the stream does not take it.
        Assert.Equal(BrokerErrorCode.FailedPrecondition, await RefusalAsync(() => PublishAsync(transport, "b", "m", "x")));
    }

    [Fact]
    public async Task A_stream_that_is_not_there_is_named()
    {
        await using var transport = await StartAsync("a");
        var refusal = await Assert.ThrowsAsync<BrokerException>(() => PublishAsync(transport, "a", "m", "x"));
        Assert.Equal(BrokerErrorCode.FailedPrecondition, refusal.Code);
        Assert.Contains("'EVENTS'", refusal.Message, StringComparison.Ordinal);
    }

    // Though all that is asked for stands in the settings.
    [Fact]
    public async Task A_closed_transport_answers_for_no_event_of_the_stream()
    {
        await MakeStreamAsync("eb.>");
        var transport = await StartAsync("a");
        await (await SubscribeAsync(transport, "a", Group)).DisposeAsync();
        await transport.DisposeAsync();
        Func<Task>[] calls =
        [
            () => transport.ListAsync(CancellationToken.None).AsTask(),
            () => RegisterAsync(transport, "a"),
            () => RegisterAsync(transport, "b"),
            () => transport.UnregisterAsync("a", CancellationToken.None).AsTask(),
            () => SubscribeAsync(transport, "a", Group),
        ];
        foreach (var call in calls)
        {
            Assert.Equal(BrokerErrorCode.Unavailable, await RefusalAsync(call));
        }
    }

    private static SubscribeOptions Group => new() { Mode = DeliveryMode.WorkerPool, WorkerGroup = "w" };

    private Task<JetStreamTransport> StartAsync(params string[] events) =>
        JetStreamTransports.StartAsync(_server.Address, s => (s.Stream, s.Events) = ("EVENTS", events));

    private async Task MakeStreamAsync(params string[] subjects) =>
        await new NatsJSContext(_operator).CreateStreamAsync(new StreamConfig("EVENTS", subjects));

    private static Task RegisterAsync(JetStreamTransport transport, string name) =>
        transport.RegisterAsync(name, EventOptions.None, CancellationToken.None).AsTask();

    private static async Task<PublishReceipt> PublishAsync(JetStreamTransport transport, string eventName, string id, string text) =>
        await transport.PublishAsync(
            eventName,
            new TransportMessage(MessageEncoder.Encode(id, "tests", System.Text.Encoding.UTF8.GetBytes(text), null, default)),
            CancellationToken.None);

    private static async Task<TestSubscriber> SubscribeAsync(JetStreamTransport transport, string eventName, SubscribeOptions options)
    {
        var probe = new SubscriberProbe();
        return new TestSubscriber(
            await transport.SubscribeAsync(eventName, options, probe, CancellationToken.None), probe, TimeSpan.FromSeconds(60));
    }

    private static async Task<BrokerErrorCode> RefusalAsync(Func<Task> call) => (await Assert.ThrowsAsync<BrokerException>(call)).Code;
}
