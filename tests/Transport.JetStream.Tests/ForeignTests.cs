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

// Other clients and other streams on the same servers, and what an account does not allow.
public sealed class ForeignTests
{
    [Fact]
    public async Task A_stream_with_wildcards_leaks_nothing_in_and_is_named()
    {
        await using var server = await NatsServer.StartAsync("-js");
        await using var somebody = new NatsConnection(new NatsOpts { Url = server.Address });
        await new NatsJSContext(somebody).CreateStreamAsync(new StreamConfig("everything", ["eb.>"]));
        await using var transport = await JetStreamTransports.StartAsync(server.Address);
        var refusal = await Assert.ThrowsAsync<BrokerException>(() => RegisterAsync(transport, "e"));
        Assert.Equal(BrokerErrorCode.FailedPrecondition, refusal.Code);
        Assert.Contains("subjectPrefix", refusal.Message, StringComparison.Ordinal);
        var unknown = await Assert.ThrowsAsync<BrokerException>(() => transport.PublishAsync("e", Message("a"), CancellationToken.None).AsTask());
        Assert.Equal(BrokerErrorCode.NotFound, unknown.Code);
        Assert.Empty(await transport.ListAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_stream_of_the_right_name_with_other_subjects_is_refused()
    {
        await using var server = await NatsServer.StartAsync("-js");
        await using var somebody = new NatsConnection(new NatsOpts { Url = server.Address });
        await new NatsJSContext(somebody).CreateStreamAsync(new StreamConfig("eb-e", ["other"]));
        await using var transport = await JetStreamTransports.StartAsync(server.Address);
        var refusal = await Assert.ThrowsAsync<BrokerException>(() => RegisterAsync(transport, "e"));
        Assert.Equal(BrokerErrorCode.FailedPrecondition, refusal.Code);
        Assert.Contains("eb-e", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_of_another_client_is_read_with_its_headers_as_metadata()
    {
        await using var server = await NatsServer.StartAsync("-js");
        await using var transport = await JetStreamTransports.StartAsync(server.Address);
        await RegisterAsync(transport, "a..b");
        var probe = new SubscriberProbe();
        await using var subscriber = new TestSubscriber(
            await transport.SubscribeAsync("a..b", new SubscribeOptions(), probe, CancellationToken.None), probe, TimeSpan.FromSeconds(30));
        await using var somebody = new NatsConnection(new NatsOpts { Url = server.Address });
        await new NatsJSContext(somebody).PublishAsync(
            "eb.a.=.b", "plain"u8.ToArray(), headers: new NatsHeaders { ["Nats-Msg-Id"] = "m-1", ["tenant"] = "acme" });
        var taken = await subscriber.TakeOneAsync();
        Assert.Equal(("m-1", "plain"), (taken.Message.GetId(), TestSubscriber.Text(taken)));
        Assert.Equal("acme", taken.Message.GetMetadata("tenant"));
    }

    [Fact]
    public async Task An_account_without_JetStream_is_told()
    {
        await using var server = await NatsServer.StartAsync();
        await using var transport = await JetStreamTransports.StartAsync(server.Address);
        var refusal = await Assert.ThrowsAsync<BrokerException>(() => RegisterAsync(transport, "e"));
        Assert.Contains("JetStream", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(TransportHealthStatus.Unhealthy, (await transport.CheckHealthAsync(CancellationToken.None)).Status);
    }

    [Fact]
    public async Task Too_many_streams_consumers_and_bytes_are_told_with_what_to_do()
    {
        await using var server = await NatsServer.StartConfiguredAsync(
            """
            jetstream {}
            accounts { A { jetstream { max_streams: 1, max_consumers: 1, max_file: 1MB }, users: [ { user: u, password: p } ] } }
            """);
        await using var transport = await JetStreamTransports.StartAsync(server.Address, static s => (s.User, s.Password) = ("u", "p"));
        await RegisterAsync(transport, "e");
        await IsExhaustedAsync("unregister", () => RegisterAsync(transport, "f"));
        await using var first = await JoinAsync("w-1");
        await IsExhaustedAsync("consumers", () => JoinAsync("w-2"));
        await IsExhaustedAsync("storage", async () =>
        {
            for (var i = 0; i < 100; i++)
            {
                await transport.PublishAsync("e", Message(new string('x', 100_000), i), CancellationToken.None);
            }
        });

        static async Task IsExhaustedAsync(string word, Func<Task> call)
        {
            var refusal = await Assert.ThrowsAsync<BrokerException>(call);
            Assert.Equal(BrokerErrorCode.ResourceExhausted, refusal.Code);
            Assert.Contains(word, refusal.Message, StringComparison.Ordinal);
        }

        async Task<ITransportSubscription> JoinAsync(string group) => await transport.SubscribeAsync(
            "e", new SubscribeOptions { Mode = DeliveryMode.WorkerPool, WorkerGroup = group }, new SubscriberProbe(), CancellationToken.None);
    }

    private static Task RegisterAsync(JetStreamTransport transport, string name) =>
        transport.RegisterAsync(name, EventOptions.None, CancellationToken.None).AsTask();

    private static TransportMessage Message(string text, int number = 0) =>
        new(MessageEncoder.Encode($"id-{number}", "tests", System.Text.Encoding.UTF8.GetBytes(text), null, default));
}
