using System.Diagnostics;
using System.Globalization;
using Benchmarks.Clients;
using Benchmarks.Loads;
using Benchmarks.Scenarios;
using Benchmarks.Servers;
using EventBroker.Protos.Event.V1;

namespace Benchmarks.Durable;

/// <summary>What durability costs: the broker over its log beside bare SQLite and JetStream on the same disk, in turns within one run.</summary>
internal sealed class DurableRun(BenchmarkSettings settings, ServerFactory servers)
{
    private const int ReplayedMessages = 1_000_000;
    private static readonly int[] InFlight = [1, 8, 64, 256];

    private readonly string _folder = Directory.CreateTempSubdirectory("eventbroker-durable-").FullName;
    private int _events;

    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            var log = await servers.StartBrokerAsync(null, cancellation, ("log", new { directory = Path.Combine(_folder, "log") }));
            var memory = await servers.StartBrokerAsync(null, cancellation, ("memory", new { maxBytesPerEvent = "2GiB", maxTotalBytes = "4GiB" }));
            await using var ending = log;
            await using var endingToo = memory;
            await PublishAsync(log, cancellation);
            await PublishStreamAsync(log, cancellation);
            await SettleAsync(log, cancellation);
            await FanOutAsync(log, memory, cancellation);
            await ReplayAsync(log, cancellation);
        }
        finally
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private async Task PublishAsync(ServerProcess log, CancellationToken cancellation)
    {
        await using var broker = new GrpcStore("gRPC unary over log", log, await RegisterAsync(log, cancellation));
        await using var bare = await servers.StartBareAsync(cancellation, Path.Combine(_folder, "bare-grpc.db"));
        List<IDurableStore> others = [
            new GrpcStore("gRPC unary, generated handler over bare SQLite", bare, "bare"),
            new BareSqlite(Path.Combine(_folder, "bare.db")), .. await JetStreamStore.StartAllAsync(Path.Combine(_folder, "publish"), cancellation)];

        Console.WriteLine("\n| publish, acknowledged | " + string.Join(" | ", InFlight.Select(static n => $"{n} at a time: messages/s (broker / it)")) + " |");
        Console.WriteLine("|---|" + string.Concat(Enumerable.Repeat("--:|", InFlight.Length)));
        var rates = new Dictionary<string, List<string>> { [broker.Name] = [] };
        others.ForEach(o => rates[o.Name] = []);
        foreach (var inFlight in InFlight)
        {
            var samples = others.Prepend(broker).ToDictionary(static s => s.Name, static _ => new List<double>());
            foreach (var store in others.Prepend(broker))
                await Concurrently.RateAsync(inFlight, settings.WarmUp / 2, () => store.PublishAsync(cancellation));

            for (var round = 0; round < settings.Rounds; round++)
            {
                foreach (var store in others.Prepend(broker))
                    samples[store.Name].Add(await Concurrently.RateAsync(inFlight, settings.Slice, () => store.PublishAsync(cancellation)));
            }

            var ours = Median(samples[broker.Name]);
            foreach (var (name, all) in samples)
                rates[name].Add(string.Create(CultureInfo.InvariantCulture, $"{Median(all):N0} ({ours / Median(all):0.00})"));
        }

        foreach (var (name, cells) in rates)
            Console.WriteLine($"| {name} | {string.Join(" | ", cells)} |");

        foreach (var other in others)
            await other.DisposeAsync();
    }

    private async Task PublishStreamAsync(ServerProcess log, CancellationToken cancellation)
    {
        using var connection = new GrpcConnection(log.Addresses.Grpc);
        await using var publisher = new StreamPublisher(connection, await RegisterAsync(log, cancellation));
        await publisher.PublishAsync(100_000, 8_192, static () => long.MaxValue, cancellation);
        var samples = new List<double>();
        for (var round = 0; round < settings.Rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            await publisher.PublishAsync(200_000, 8_192, static () => long.MaxValue, cancellation);
            samples.Add(200_000 / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        WriteLine("publish stream, one, acknowledged", Median(samples), "messages/s");
    }

    private async Task SettleAsync(ServerProcess log, CancellationToken cancellation)
    {
        const int Messages = 20_000;
        await using var ours = new SettledPublishes(log, await RegisterAsync(log, cancellation));
        await ours.RunAsync(Messages / 4, 64, cancellation);
        var others = await JetStreamStore.StartAllAsync(Path.Combine(_folder, "settle"), cancellation);

        foreach (var other in others)
            await other.SettleAsync(Messages / 20, 64, cancellation);

        var samples = new Dictionary<string, List<double>> { ["broker over log"] = [] };
        for (var round = 0; round < Math.Min(settings.Rounds, 3); round++)
        {
            samples["broker over log"].Add(await TimedAsync(Messages, () => ours.RunAsync(Messages, 64, cancellation)));
            foreach (var other in others)
            {
                // The synced one takes long.
                var messages = other.Name.Contains("always", StringComparison.Ordinal) ? Messages / 10 : Messages;
                samples.TryAdd(other.Name, []);
                samples[other.Name].Add(await TimedAsync(messages, () => other.SettleAsync(messages, 64, cancellation)));
            }
        }

        foreach (var (name, all) in samples)
            WriteLine($"publish → deliver → ack, 64 at a time: {name}", Median(all), "messages/s");

        foreach (var other in others)
            await other.DisposeAsync();
    }

    private async Task FanOutAsync(ServerProcess log, ServerProcess memory, CancellationToken cancellation)
    {
        const int Subscribers = 100;
        const int Messages = 3_000;
        var cost = new Dictionary<string, List<double>> { ["log"] = [], ["memory"] = [] };
        await using var ofLog = await GrpcDeliveries.OpenAsync(log, await RegisterAsync(log, cancellation), Subscribers, cancellation);
        await using var ofMemory = await GrpcDeliveries.OpenAsync(memory, await RegisterAsync(memory, cancellation), Subscribers, cancellation);
        for (var round = -1; round < settings.Rounds; round++)
        {
            foreach (var (name, server, load) in (IEnumerable<(string, ServerProcess, ILoad)>)[("log", log, ofLog), ("memory", memory, ofMemory)])
            {
                var before = CpuOf(server);
                await load.RunAsync(Messages * Subscribers, cancellation);
                if (round >= 0)
                    cost[name].Add((CpuOf(server) - before).TotalMicroseconds / (Messages * Subscribers));
            }
        }

        WriteLine("fan-out to 100, CPU a delivery: log", Median(cost["log"]), "µs");
        WriteLine("fan-out to 100, CPU a delivery: memory", Median(cost["memory"]), "µs");
        WriteLine("fan-out to 100, log / memory", Median(cost["log"]) / Median(cost["memory"]), "");
    }

    private async Task ReplayAsync(ServerProcess log, CancellationToken cancellation)
    {
        using var connection = new GrpcConnection(log.Addresses.Grpc);
        var name = await RegisterAsync(log, cancellation);
        await using (var publisher = new StreamPublisher(connection, name))
        {
            await publisher.PublishAsync(ReplayedMessages, 8_192, static () => long.MaxValue, cancellation);
        }

        var samples = new List<double>();
        var memoryBefore = MemoryOf(log);
        for (var round = 0; round < Math.Min(settings.Rounds, 3); round++)
        {
            var start = Stopwatch.GetTimestamp();
            var request = new SubscribeRequest { Event = name, StartFrom = StartPosition.Beginning, AutoAck = true };
            await using var subscriber = await CountingSubscriber.OpenAsync(connection, request, cancellation);
            await subscriber.Received.WaitForAsync(ReplayedMessages, cancellation);
            samples.Add(ReplayedMessages / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        WriteLine("replay of a million from the beginning", Median(samples), "messages/s");
        WriteLine("… and the server's memory grew by", (MemoryOf(log) - memoryBefore) / 1048576.0, "MiB");
        await log.DisposeAsync();
        var file = new FileInfo(Path.Combine(_folder, "log", "events.db"));
        var open = Stopwatch.GetTimestamp();
        await using var again = await servers.StartBrokerAsync(null, cancellation, ("log", new { directory = Path.Combine(_folder, "log") }));
        WriteLine("start of the broker over all of this", Stopwatch.GetElapsedTime(open).TotalSeconds, "s");
        using var http = new HttpClient { BaseAddress = again.Addresses.Http };
        using var health = System.Text.Json.JsonDocument.Parse(await http.GetStringAsync(new Uri("/v1/health", UriKind.Relative), cancellation));
        var stored = health.RootElement.GetProperty("details").GetProperty("transport.local.retained_bytes").GetString()!;
        var onDisk = file.Length + new FileInfo(file.FullName + "-wal").Length;
        WriteLine("bytes on the disk for a byte of messages", onDisk / double.Parse(stored, CultureInfo.InvariantCulture), "");
    }

    private static async Task<double> TimedAsync(int messages, Func<Task> run)
    {
        var start = Stopwatch.GetTimestamp();
        await run();
        return messages / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static TimeSpan CpuOf(ServerProcess server)
    {
        using var process = Process.GetProcessById(server.Id);
        return process.TotalProcessorTime;
    }

    private static long MemoryOf(ServerProcess server)
    {
        using var process = Process.GetProcessById(server.Id);
        return process.WorkingSet64;
    }

    private async Task<string> RegisterAsync(ServerProcess server, CancellationToken cancellation)
    {
        var name = $"durable.{++_events}";
        await BenchmarkRun.RegisterEventAsync(server, name, cancellation);
        return name;
    }

    private static double Median(List<double> samples) => samples.Order().ElementAt(samples.Count / 2);

    private static void WriteLine(string what, double value, string unit) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {what} | {value:#,0.##} {unit} |"));
}
