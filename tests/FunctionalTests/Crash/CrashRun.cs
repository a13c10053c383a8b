using EventBroker.Client.Tests.Hosting;
using EventBroker.FunctionalTests.Streams;
using EventBroker.Protos.Broker.V1;
using EventBroker.Protos.Event.V1;
using Grpc.Core;
using Grpc.Net.Client;

namespace EventBroker.FunctionalTests.Crash;

// Publishers and consumers over all protocols at work while the broker is killed again and again, and the account that is settled at the end.
internal sealed class CrashRun(BrokerProcess broker, int kills, int seed)
{
    public const string Event = "crash";

    // Each so many kills one hits the broker while it reads what the life before has left.
    private const int LoadingEvery = 5;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly KillPoint[] Points = Enum.GetValues<KillPoint>();

    private readonly Random _random = new(seed);
    private readonly Dictionary<string, int> _killsByPoint = new(StringComparer.Ordinal);

    public BrokerProcess Broker => broker;

    public Ledger Ledger { get; } = new();

    public Lives Lives { get; } = new(broker.Kill);

    public GrpcChannel OpenChannel() => GrpcChannel.ForAddress(broker.Address);

    public HttpClient OpenHttp() => new() { BaseAddress = broker.HttpAddress };

    public async Task RunAsync(ITestOutputHelper output)
    {
        await broker.StartAsync();
        using (var channel = OpenChannel())
        {
            await new EventService.EventServiceClient(channel).RegisterEventAsync(new RegisterEventRequest { Name = Event });
        }

        Task[] all = [.. Consumers().Select(static c => c.RunAsync()), .. Publishers().Select(static p => p.RunAsync())];
        var publishing = Task.WhenAll(all[^4..]);
        var failed = FirstFailureAsync(all);
        Lives.Begin();
        await Or(KillAsync(), failed);
        await Or(FinishAsync(publishing), failed);
        Lives.End();
        await Task.WhenAll(all);
        Report(output);
        Assert.True(Ledger.Violations.Count == 0, $"{Ledger.Violations.Count} violations:\n" + string.Join('\n', Ledger.Violations.Take(50)));
        Assert.Empty(broker.Errors);
    }

    private List<CrashConsumer> Consumers()
    {
        // A place with one member shows the order, one with three that none gets what another one has settled.
        var alone = Ledger.AddPlace("group alone", isOrdered: true);
        var many = Ledger.AddPlace("group many", isOrdered: false);
        var consumer = Ledger.AddPlace("consumer id", isOrdered: true);
        return
        [
            new(this, alone, StreamProtocol.Grpc, Group("alone"), _random.Next()),
            new(this, many, StreamProtocol.Grpc, Group("many"), _random.Next()),
            new(this, many, StreamProtocol.WebSocket, Group("many"), _random.Next()),
            new(this, many, StreamProtocol.Sse, Group("many"), _random.Next()),
            new(this, consumer, StreamProtocol.WebSocket, new() { Mode = StreamMode.ConsumerId, Name = "c", StartFrom = "beginning" }, _random.Next()),
        ];

        static StreamOptions Group(string name) => new() { Mode = StreamMode.WorkerPool, Name = name, StartFrom = "beginning" };
    }

    private CrashPublisher[] Publishers() => [new UnaryPublisher(this), new BatchPublisher(this), new StreamPublisher(this), new RestPublisher(this)];

    private async Task KillAsync()
    {
        for (var killed = 0; killed < kills;)
        {
            var point = Points[_random.Next(Points.Length)];
            await Lives.KillAtAsync(point, point == KillPoint.StreamOpened ? _random.Next(1, 6) : _random.Next(1, 200)).WaitAsync(Patience, TimeProvider.System);
            await broker.EndedAsync();
            Count(point.ToString());
            killed++;
            if (killed % LoadingEvery == LoadingEvery - 1 && killed < kills)
            {
                await broker.StartAndKillWhileLoadingAsync();
                Count("loading");
                killed++;
            }

            await broker.StartAsync();
            if (killed == kills)
            {
                // Before anybody is back, so that in the last life nothing is held.
                Ledger.Close();
            }

            Lives.Begin();
        }
    }

    private async Task FinishAsync(Task publishing)
    {
        await publishing.WaitAsync(Patience, TimeProvider.System);
        try
        {
            await Ledger.SettledAsync().WaitAsync(Patience, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            foreach (var place in Ledger.Places)
            {
                Ledger.Violate($"{place.Name} waits in vain for {place.Missing(Ledger.Acknowledged)}");
            }

            return;
        }

        using var channel = OpenChannel();
        await EmptyAsync(new BrokerService.BrokerServiceClient(channel));
        await CompareWithLogAsync(new EventService.EventServiceClient(channel));
    }

    // A settlement that nobody was answered may have got lost: then the message is on its way once more.
    private async Task EmptyAsync(BrokerService.BrokerServiceClient client)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var description = await client.DescribeEventAsync(new DescribeEventRequest { Event = Event });
            Assert.Equal(Ledger.Places.Count, description.Places.Count);
            Assert.Equal(Ledger.Acknowledged.Count, description.Messages);
            if (description.Places.All(static p => p is { Lag: 0, Unsettled: 0 }))
            {
                return;
            }

            if (TimeProvider.System.GetElapsedTime(began) > Patience)
            {
                Ledger.Violate($"something stays unsettled: {description.Places}");
                return;
            }
        }
    }

    // Each message is there once, and in the order in which it was handed out.
    private async Task CompareWithLogAsync(EventService.EventServiceClient client)
    {
        using var call = client.Subscribe(new SubscribeRequest { Event = Event, StartFrom = StartPosition.Beginning, AutoAck = true });
        var order = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < Ledger.Acknowledged.Count; i++)
        {
            Assert.True(await call.ResponseStream.MoveNext());
            var id = call.ResponseStream.Current.Id;
            if (!order.TryAdd(id, i) || !Ledger.Acknowledged.Contains(id))
            {
                Ledger.Violate($"the log has {id} twice, or without an answer to its publisher");
            }
        }

        foreach (var place in Ledger.Places)
        {
            place.CheckOrder(order);
        }
    }

    private void Count(string point) => _killsByPoint[point] = _killsByPoint.GetValueOrDefault(point) + 1;

    private void Report(ITestOutputHelper output)
    {
        output.WriteLine($"seed {seed}; killed {kills} times: {string.Join(", ", _killsByPoint.OrderBy(static p => p.Key).Select(static p => $"{p.Key} {p.Value}"))}");
        output.WriteLine($"{Ledger.Acknowledged.Count} published, of them {Ledger.AnsweredAsDuplicates} sent again and answered as duplicates");
        foreach (var place in Ledger.Places)
        {
            output.WriteLine(
                $"{place.Name}: received {place.Received}, of them duplicates {place.Duplicates}; settlements without an answer {place.InDoubt}");
        }
    }

    private static async Task FirstFailureAsync(Task[] all)
    {
        await foreach (var ended in Task.WhenEach(all))
        {
            await ended;
        }
    }

    // A client that fails ends the test, and is not waited for.
    private static async Task Or(Task step, Task failed)
    {
        if (await Task.WhenAny(step, failed) == failed)
        {
            await failed;
        }

        await step;
    }
}
