using System.Globalization;
using Benchmarks.Backends;
using Benchmarks.Clients;
using Benchmarks.Durable;
using Benchmarks.Loads;
using Benchmarks.Report;
using Benchmarks.Servers;
using EventBroker.Protos.Event.V1;
using EventOptions = EventBroker.Sdk.Transports.EventOptions;

namespace Benchmarks.Scenarios;

/// <summary>All lines, in the order of the table.</summary>
internal static class ScenarioCatalog
{
    private const string GrpcPublish = "/event.v1.EventService/Publish";
    private const int RestInFlight = 64;
    private const string DeliveryToOne = "gRPC delivery to 1 subscriber";

    // Not on the lines to 1 and 10 subscribers, where most of it is what publishing allocates.
    private static readonly Goal NothingPerDelivery = Goal.AllocatedAtMost(64);

    private static readonly Goal[] ClientGoals = [Goal.RateAtLeast(0.8), Goal.RatioAtMost(1.25)];

    // The last id given to a message.
    private static long _ids;

    public static IReadOnlyList<Scenario> All { get; } =
    [
        .. Unary(1, new H2LoadShape(1, 1, "application/grpc")),
        .. Unary(16, new H2LoadShape(1, 16, "application/grpc")),
        .. Unary(256, new H2LoadShape(4, 64, "application/grpc"), Goal.RatioAtMost(1.25)),
        Rest(),
        new LoadScenario("gRPC publish stream", [], static (server, name, _) => Task.FromResult<ILoad>(new StreamPublishes(server, name))),
        Delivery(DeliveryToOne, 1, Goal.RatioAtMost(2)),
        Delivery("gRPC delivery to 10 subscribers", 10),
        Delivery("gRPC delivery to 100 subscribers", 100, Goal.ShareOf(DeliveryToOne, 1 / 3.0, "≤ ⅓ of 1 subscriber"), NothingPerDelivery),
        new LoadScenario("gRPC replay to 1 subscriber", [NothingPerDelivery], GrpcReplays.OpenAsync),
        new LoadScenario("gRPC publish → deliver → ack by 100", [], SettledDeliveries.OpenAsync),
        new LoadScenario("gRPC ack by 100, alone, an entry", [Goal.CostAtMost(0.3, "µs")], Acks.OpenAsync),
        .. DeniedScenario.All,
        Window("worker pool", DeliveryMode.WorkerPool),
        Window("broadcast", DeliveryMode.Broadcast),
        FanOut("SSE to 1000, paced", isWebSocket: false, burst: 1, Goal.RatioAtMost(1.5)),
        FanOut("SSE to 1000, bursts of 16", isWebSocket: false, burst: 16, Goal.RatioAtMost(1.5)),
        FanOut("WebSocket to 1000, paced", isWebSocket: true, burst: 1, Goal.RatioAtMost(2)),
        FanOut("WebSocket to 1000, bursts of 16", isWebSocket: true, burst: 16, Goal.RatioAtMost(2)),
        new IdleScenario("idle SSE subscription", [Goal.CostAtMost(16, "KiB")], SubscriptionKind.Sse),
        new IdleScenario("idle WebSocket subscription", [Goal.CostAtMost(16, "KiB")], SubscriptionKind.WebSocket),
        new IdleScenario("idle gRPC subscription, 100 a connection", [Goal.CostAtMost(12, "KiB")], SubscriptionKind.Grpc),
        ClientPublish(1),
        .. SharedPublish(64),
        .. SharedPublish(256),
        ClientPublish(64),
        new ClientScenario(
            "client package, consume and ack, beside the generated client",
            ClientGoals,
            static (server, name) => new ClientConsumes(server, name),
            static (server, name) => new GeneratedConsumes(server, name)),
        .. Over("redis", "StackExchange.Redis", RedisProcess.IsInstalled, RedisBackend.StartAsync),
        .. Over("jetstream", "NATS.Client.JetStream", JetStreamStore.IsInstalled, JetStreamBackend.StartAsync),
        .. Over("nats", "NATS.Client.Core", JetStreamStore.IsInstalled, NatsBackend.StartAsync, knowsIds: false, keeps: false),
        .. Over("kafka", "Confluent.Kafka", isInstalled: true, KafkaBackend.StartAsync, knowsIds: false),
        new BackendScenario(
            "kafka transport, consume and ack with one message never settled and each thousandth nacked three times, beside itself without",
            [Goal.RateAtLeast(0.8)],
            KafkaBackend.StartAsync,
            static async (opened, name) => await BackendConsumes.ByTransportAsync(opened, name, isTroubled: true),
            static async backend =>
            {
                await backend.Transport.RegisterAsync("calm", EventOptions.None, CancellationToken.None);
                return await BackendConsumes.ByTransportAsync(backend.Transport, "calm");
            }),
    ];

    private static IEnumerable<Scenario> Unary(int inFlight, H2LoadShape shape, params Goal[] goals)
    {
        if (H2Load.IsInstalled)
        {
            yield return new LoadScenario($"gRPC unary publish, {inFlight} in flight, h2load", goals, (server, name, _) =>
                Task.FromResult<ILoad>(new H2LoadPosts(new Uri(server.Addresses.Grpc, GrpcPublish), GrpcFrame.Of(Request(name)), shape)));
        }

        yield return new LoadScenario($"gRPC unary publish, {inFlight} in flight, C# client", goals, (server, name, _) =>
        {
            // The server is what is measured: one request for all of them leaves it more of the cores.
            var request = Request(name);
            return Task.FromResult<ILoad>(new GrpcPublishes(server.Addresses.Grpc, () => request, inFlight));
        });
    }

    // What sharing a call saves, on either side of it. Both give their messages ids, as the client does by itself: looking for duplicates is the
    // same work for the broker however they come.
    private static IEnumerable<ClientScenario> SharedPublish(int inFlight) => new[] { (Of: "client", Limit: 0.4), (Of: "broker", Limit: 0.3) }.Select(line =>
        new ClientScenario(
            $"client package, publish, {inFlight} in flight sharing a call, beside the generated client, CPU of the {line.Of}",
            [Goal.RatioAtMost(line.Limit)],
            (server, name) => new ClientPublishes(server, name, inFlight),
            (server, name) => new GrpcPublishes(server, () => RequestWithId(name), inFlight),
            ofBroker: line.Of == "broker"));

    private static ClientScenario ClientPublish(int inFlight) => new(
        $"client package, publish, {inFlight} in flight, beside the generated client",
        ClientGoals,
        (server, name) => new ClientPublishes(server, name, inFlight, shareCalls: inFlight == 1),
        (server, name) => new GrpcPublishes(server, () => Request(name), inFlight));

    private static IEnumerable<Scenario> Over(
        string transport, string client, bool isInstalled, Func<CancellationToken, Task<IBackend>> start, bool knowsIds = true, bool keeps = true)
    {
        if (!isInstalled)
            yield break;

        foreach (var (inFlight, hasIds) in ((int, bool)[])[(1, false), (64, false), (64, true), (256, false)])
        {
            if (hasIds && !knowsIds)
                continue;

            yield return new BackendScenario(
                $"{transport} transport, publish{(hasIds ? " with ids" : "")}, {inFlight} in flight, beside {client}",
                inFlight == 64 ? [Goal.RateAtLeast(0.8)] : [],
                start,
                (opened, name) => Task.FromResult<ILoad>(BackendPublishes.ByTransport(opened, name, inFlight, hasIds)),
                backend => Task.FromResult(backend.PublishByClient(inFlight, hasIds)));
        }

        yield return new BackendScenario(
            $"{transport} transport, {(keeps ? "consume and ack" : "publish and take")}, beside {client}",
            [],
            start,
            async (opened, name) => keeps
                ? await BackendConsumes.ByTransportAsync(opened, name)
                : await BackendDeliveries.ByTransportAsync(opened, name, subscribers: 1),
            static backend => backend.ConsumeByClientAsync());
        yield return new BackendScenario(
            $"{transport} transport, fan-out to 100, beside the memory transport",
            [],
            start,
            static (opened, name) => BackendDeliveries.ByTransportAsync(opened, name, subscribers: 100),
            static _ => MemoryDeliveries.OpenAsync(subscribers: 100));
    }

    private static LoadScenario Rest()
    {
        var client = H2Load.IsInstalled ? "h2load" : "C# client";
        return new LoadScenario($"REST publish, {RestInFlight} in flight, {client}", [], static (server, name, _) =>
        {
            var target = new Uri(server.Addresses.Http, $"/v1/events/{name}/messages");
            return Task.FromResult<ILoad>(H2Load.IsInstalled
                ? new H2LoadPosts(target, SampleMessage.PublishJson, new H2LoadShape(RestInFlight, 1, "application/json", IsHttp1: true))
                : new RestPublishes(target, SampleMessage.PublishJson, RestInFlight));
        });
    }

    private static LoadScenario Delivery(string name, int subscribers, params Goal[] goals) =>
        new(name, goals, (server, eventName, cancellation) => GrpcDeliveries.OpenAsync(server, eventName, subscribers, cancellation));

    private static WindowScenario Window(string modeName, DeliveryMode mode) =>
        new($"gRPC extend and nack, {modeName}, 100 000 in flight beside 1000", [Goal.RatioAtMost(1.5), Goal.LatestAtMost(100)], mode);

    private static LoadScenario FanOut(string name, bool isWebSocket, int burst, params Goal[] goals)
    {
        // About half of what two cores can do in each of the two shapes, so that the pace is kept.
        var interval = TimeSpan.FromMilliseconds(burst == 1 ? 25 : 100);
        return new LoadScenario(name, [.. goals, NothingPerDelivery], (server, eventName, cancellation) =>
            SocketFanOut.OpenAsync(server, eventName, isWebSocket, burst, interval, cancellation));
    }

    private static PublishRequest RequestWithId(string eventName)
    {
        var request = Request(eventName);
        request.Id = string.Create(CultureInfo.InvariantCulture, $"{Interlocked.Increment(ref _ids):x32}");
        return request;
    }

    private static PublishRequest Request(string eventName)
    {
        var request = new PublishRequest { Event = eventName, Payload = Google.Protobuf.ByteString.CopyFrom(SampleMessage.Payload) };
        foreach (var (key, value) in SampleMessage.Metadata)
            request.Metadata.Add(key, value);

        return request;
    }
}
