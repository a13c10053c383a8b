using Benchmarks.Loads;
using Benchmarks.Measuring;
using Benchmarks.Report;
using Benchmarks.Servers;
using EventBroker.Protos.Broker.V1;
using EventBroker.Protos.Event.V1;
using Google.Protobuf;

namespace Benchmarks.Scenarios;

/// <summary>Compares what somebody who may do nothing can make a broker with an authorizer spend, and what reading the same body and dropping it
/// costs.</summary>
/// <param name="name">The line.</param>
/// <param name="method">The gRPC method's path.</param>
/// <param name="request">What is sent each time.</param>
/// <param name="isKnown">Whether the authorizer takes the caller for whom it says it is; otherwise the call ends before its body is read.</param>
/// <param name="expected">The broker's gRPC status.</param>
internal sealed class DeniedScenario(string name, string method, IMessage request, bool isKnown, string expected) : Scenario(name, [])
{
    private const int Items = 10_000;
    private const string Secret = "known-to-the-proxy-alone";
    private const string PublishBatch = "/eventbroker.v1.BrokerService/PublishBatch";
    private const string Ack = "/event.v1.EventService/Ack";
    private const string Denied = "7";
    private const string Unauthenticated = "16";

    private static readonly object[] Authorizers =
    [
        new { plugin = "roles", settings = new { sharedSecret = Secret, rules = new[] { new { role = "somebody", operations = new[] { "*" } } } } },
    ];

    /// <summary>Gets the lines: a batch and a call of acks, by somebody who is known and by somebody who is not.</summary>
    public static IEnumerable<Scenario> All { get; } =
    [
        new DeniedScenario("gRPC PublishBatch of 10 000 names, caller may not publish", PublishBatch, Names(), isKnown: true, Denied),
        new DeniedScenario("gRPC PublishBatch of 10 000 names, caller unknown", PublishBatch, Names(), isKnown: false, Unauthenticated),
        // Nobody gave these ids out, so there is nothing to be denied, and each is answered UNKNOWN.
        new DeniedScenario("gRPC Ack of 10 000 entries, caller may not settle", Ack, Entries(), isKnown: true, "0"),
        new DeniedScenario("gRPC Ack of 10 000 entries, caller unknown", Ack, Entries(), isKnown: false, Unauthenticated),
    ];

    public override async Task<LineResult> RunAsync(BenchmarkRun run, CancellationToken cancellation)
    {
        await using var server = await MeteredServer.StartAsync(run.StartBrokerAsync(Authorizers, cancellation), cancellation);
        await using var brokerLoad = Open(server.Process);
        await using var bareLoad = Open(run.Bare.Process);
        var broker = new LoadMeter(server, brokerLoad, run.Settings);
        var bare = new LoadMeter(run.Bare, bareLoad, run.Settings);
        await broker.WarmUpAsync(cancellation);
        await bare.WarmUpAsync(cancellation);

        var brokerSamples = new List<Sample>();
        var bareSamples = new List<Sample>();
        for (var round = 0; round < run.Settings.Rounds; round++)
        {
            var allocations = round == run.Settings.Rounds - 1;
            brokerSamples.Add(await broker.MeasureAsync(allocations, cancellation));
            bareSamples.Add(await bare.MeasureAsync(allocations, cancellation));
        }

        return new LineResult(Name, "CPU µs/call", brokerSamples, bareSamples);
    }

    private static PublishBatchRequest Names()
    {
        var request = new PublishBatchRequest();
        for (var i = 0; i < Items; i++)
            request.Messages.Add(new PublishItem { Event = $"orders.name{i}" });

        return request;
    }

    private static AckRequest Entries()
    {
        var request = new AckRequest();
        for (var i = 0; i < Items; i++)
            request.Entries.Add(new AckEntry { AckId = $"AQAAAAEAAAAAAAAAd2hhdGV2ZXI{i + 1:x}" });

        return request;
    }

    private DeniedCalls Open(ServerProcess server) => new(server, method, request, isKnown ? Secret : "", expected);
}
