using System.Net;
using System.Net.Sockets;
using EventBroker.FunctionalTests.Clients;
using EventBroker.Protos.Event.V1;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Tests.Transports.Bare;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Remote.Tests.Hosting;
using Grpc.Core;

namespace EventBroker.Transport.Remote.Tests;

public sealed class StartTests
{
    [Fact]
    public async Task A_broker_that_does_not_answer_is_named_with_the_settings_that_matter()
    {
        // Taken and not listening: nobody answers there, and nobody else can come to.
        using var taken = new Socket(SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var address = new Uri($"http://127.0.0.1:{((IPEndPoint)taken.LocalEndPoint!).Port}");

        var failure = await Assert.ThrowsAsync<BrokerException>(
            () => RemoteTransports.StartAsync(address, static s => s.StartTimeout = TimeSpan.FromSeconds(1)));

        Assert.Equal(BrokerErrorCode.Unavailable, failure.Code);
        Assert.StartsWith(
            $"the broker at {address} (setting \"address\") did not answer within startTimeout (1s)", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_can_do_what_the_broker_behind_can_and_what_can_be_passed_on()
    {
        await using var pair = await BrokerPair.StartAsync();

        var details = (await pair.Front.Broker.CheckHealthAsync(CancellationToken.None)).Details;
        var behind = (await pair.Behind.Broker.CheckHealthAsync(CancellationToken.None)).Details;

        Assert.Equal(
            behind.Where(static d => d.Key.Contains(".capability.", StringComparison.Ordinal)).Select(static d => (d.Key, Seen(d.Key, d.Value))),
            details.Where(static d => d.Key.Contains(".capability.", StringComparison.Ordinal)).Select(static d => (d.Key, d.Value)));
        Assert.Equal(behind["transport.memory.guarantee"], details["transport.memory.guarantee"]);

        static string Seen(string key, string support) =>
            key.Split(".capability.")[1] is "deduplication" or "event-description" or "seek" or "ordering-keys" or "delayed-publish" ? "unsupported"
            : support == "emulated" ? "native" : support;
    }

    [Fact]
    public async Task A_redelivery_that_the_broker_behind_emulates_is_emulated_here_and_not_promised_to_the_group()
    {
        await using var transport = new BareTransport(TransportCapability.WorkerGroups);
        await using var pair = await BrokerPair.StartAsync(transportBehind: transport);

        await using var remote = await RemoteTransports.StartAsync(pair.Behind.GrpcAddress);

        Assert.Equal(
            [TransportCapability.WorkerGroups, TransportCapability.Broadcast, TransportCapability.MaxAge, TransportCapability.LatestOnly],
            remote.Capabilities.Declared);
        var details = (await pair.Front.Broker.CheckHealthAsync(CancellationToken.None)).Details;
        Assert.Equal("emulated", details["transport.memory.capability.redelivery"]);
        Assert.Equal("emulated", details["transport.memory.capability.redelivery-delay"]);
    }

    [Fact]
    public async Task A_group_that_kept_its_place_is_told_so_across_both_brokers()
    {
        await using var pair = await BrokerPair.StartAsync();
        await pair.Front.Http.RegisterAsync("jobs");
        var client = new EventService.EventServiceClient(pair.Front.OpenChannel());

        Assert.Equal("new", await JoinAsync(Protos.Event.V1.StartPosition.Beginning));
        Assert.Equal("kept", await JoinAsync(Protos.Event.V1.StartPosition.Beginning));
        Assert.Null(await JoinAsync(Protos.Event.V1.StartPosition.Unspecified));

        async Task<string?> JoinAsync(Protos.Event.V1.StartPosition start)
        {
            using var call = client.Subscribe(new SubscribeRequest
            {
                Event = "jobs",
                DeliveryMode = Protos.Event.V1.DeliveryMode.WorkerPool,
                StartFrom = start,
            });
            return (await call.ResponseHeadersAsync).GetValue("eventbroker-resume");
        }
    }
}
