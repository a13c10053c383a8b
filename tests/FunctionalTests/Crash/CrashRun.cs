using EventBroker.Client.Tests.Hosting;
using EventBroker.FunctionalTests.Streams;
using EventBroker.Protos.Broker.V1;
using EventBroker.Protos.Event.V1;
using Grpc.Core;
using Grpc.Net.Client;

namespace EventBroker.FunctionalTests.Crash;

// Publishers and consumers over all protocols at work while brokers, and what keeps their messages, are killed again and again, and the
// account that is settled at the end.
internal sealed partial class CrashRun
{
    public const string Event = "crash";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly int _kills;
    private readonly int _seed;
    private readonly Random _random;
    private readonly ICrashBackend? _backend;
    private readonly Lives? _backendLives;
    private readonly CrashHost[] _hosts;
    private readonly Dictionary<string, int> _killsByPoint = new(StringComparer.Ordinal);

    public CrashRun(IEnumerable<BrokerProcess> brokers, int kills, int seed, ICrashBackend? backend = null)
    {
        (_kills, _seed, _random, _backend) = (kills, seed, new Random(seed), backend);
        Ledger = new Ledger(backend);
        _hosts = [.. brokers.Select(b => new CrashHost(b, Ledger))];
        _backendLives = backend is null ? null : new Lives(() =>
        {
            Ledger.Crashed();
            backend.Kill();
        });
    }

    public Ledger Ledger { get; }

    public bool HasBackend => _backend is not null;

    public bool KeepsRepeats => _backend?.KeepsRepeats == true;

    public int BatchPayload => _backend?.BatchPayload ?? 16 * 1024;

    public async Task RunAsync(ITestOutputHelper output)
    {
        await Task.WhenAll(_hosts.Select(static h => h.Broker.StartAsync()));
        using (var channel = _hosts[0].OpenChannel())
        {
            await RegisterAsync(new EventService.EventServiceClient(channel));
        }

        await (_backend?.BeginAsync() ?? Task.CompletedTask);
        Task[] all = [.. Consumers().Select(static c => c.RunAsync()), .. Publishers().Select(static p => p.RunAsync())];
        var publishing = Task.WhenAll(all[^4..]);
        var failed = FirstFailureAsync(all);
        _backendLives?.Begin();
        Array.ForEach(_hosts, static h => h.Lives.Begin());
        await Or(KillAsync(), failed);
        await Or(FinishAsync(publishing), failed);
        Array.ForEach(_hosts, static h => h.Lives.End());
        await Task.WhenAll(all);
        Report(output);
        if (_backend is not null && await _backend.FindRepeatsAsync() is { Count: > 0 } repeats)
        {
            output.WriteLine($"{repeats.Count} messages are in the backend more than once, {Ledger.Excuse(repeats)} of them came again after they were settled");
        }

        Assert.True(Ledger.Violations.Count == 0, $"{Ledger.Violations.Count} violations:\n" + string.Join('\n', Ledger.Violations.Take(50)));
        Assert.All(_hosts, h => Assert.DoesNotContain(h.Broker.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries), e => !IsExpected(e)));
    }

    // A client has come by a point: whoever is to be killed there is.
    public void Pass(Stay stay, KillPoint point)
    {
        stay.Host.Lives.Pass(point);
        _backendLives?.Pass(point);
    }

    // Whoever runs the backend may have made it.
    private static async Task RegisterAsync(EventService.EventServiceClient client)
    {
        try
        {
            await client.RegisterEventAsync(new RegisterEventRequest { Name = Event });
        }
        catch (RpcException refusal) when (refusal.StatusCode == StatusCode.AlreadyExists)
        {
        }
    }

    private List<CrashConsumer> Consumers()
    {
        // A place with one member shows the order, one with three that none gets what another one has settled. Where there are several
        // hosts, those that are alone go from one to the other.
        var isOrdered = _backend?.KeepsOrder != false;
        var alone = Ledger.AddPlace("group alone", isOrdered);
        var many = Ledger.AddPlace("group many", isOrdered: false);
        var consumer = Ledger.AddPlace("consumer id", isOrdered);
        return
        [
            new(this, Moving(0), alone, StreamProtocol.Grpc, Group("alone"), _random.Next()),
            new(this, Staying(0), many, StreamProtocol.Grpc, Group("many"), _random.Next()),
            new(this, Staying(1), many, StreamProtocol.WebSocket, Group("many"), _random.Next()),
            new(this, Staying(0), many, StreamProtocol.Sse, Group("many"), _random.Next()),
            new(this, Moving(1), consumer, StreamProtocol.WebSocket, new() { Mode = StreamMode.ConsumerId, Name = "c", StartFrom = "beginning" }, _random.Next()),
        ];

        static StreamOptions Group(string name) => new() { Mode = StreamMode.WorkerPool, Name = name, StartFrom = "beginning" };
    }

    private CrashPublisher[] Publishers() =>
    [
        new UnaryPublisher(this, Staying(0)), new BatchPublisher(this, Moving(1)), new StreamPublisher(this, Moving(0)), new RestPublisher(this, Staying(1)),
    ];

    private Route Staying(int host) => new(_hosts, host, moves: false);

    private Route Moving(int host) => new(_hosts, host, moves: true);

    private async Task FinishAsync(Task publishing)
    {
        await publishing.WaitAsync(Patience, TimeProvider.System);
        using var channel = _hosts[0].OpenChannel();
        var client = new BrokerService.BrokerServiceClient(channel);
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

            if (_backend?.TellsNothing != true)
            {
                Ledger.Violate((await client.DescribeEventAsync(new DescribeEventRequest { Event = Event })).ToString());
            }

            return;
        }

        if (_backend?.TellsNothing != true)
        {
            await EmptyAsync(client);
            await CompareWithLogAsync(new EventService.EventServiceClient(channel));
        }

        await (_backend?.CheckAsync() ?? Task.CompletedTask);
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

            await Task.Delay(Pause, TimeProvider.System);
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

    // While its backend is away, a broker says so.
    private bool IsExpected(string error) => HasBackend && error.Contains("does not take settlements", StringComparison.Ordinal);

    private void Report(ITestOutputHelper output)
    {
        output.WriteLine($"seed {_seed}; killed {_killsByPoint.Values.Sum()} times: {string.Join(", ", _killsByPoint.OrderBy(static p => p.Key).Select(static p => $"{p.Key} {p.Value}"))}");
        output.WriteLine($"{Ledger.Acknowledged.Count} published, of them {Ledger.AnsweredAsDuplicates} sent again and answered as duplicates");
        foreach (var place in Ledger.Places)
        {
            output.WriteLine(
                $"{place.Name}: received {place.Received}, of them duplicates {place.Duplicates}, {place.Repeats} of what was settled, late {place.Late}; "
                + $"settlements without an answer {place.InDoubt}");
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
