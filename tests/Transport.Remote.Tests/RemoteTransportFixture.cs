using System.Runtime.CompilerServices;
using EventBroker.FunctionalTests.Hosting;
using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Remote.Tests.Hosting;

namespace EventBroker.Transport.Remote.Tests;

// A broker over the memory transport behind, all on one clock that stands still. The broker is the same for all tests, since it takes longer to
// start than most of them to run; each has its own events and its own wire to it.
public sealed class RemoteTransportFixture : TransportFixture, IAsyncDisposable
{
    private static readonly SteppableClock SharedClock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private static readonly Lock Gate = new();
    private static Task<BrokerHost>? _behind;

    private readonly CountingLogger _log = new();
    private readonly List<Wire> _wires = [];
    private readonly ConditionalWeakTable<ITransport, Wire> _wireOf = [];
    private bool _isBackendUp = true;

    public override TimeProvider Clock => SharedClock;

    // What takes longer has no word in the contract between brokers.
    public override TimeSpan LongestPassableTime => TimeSpan.FromHours(12);

    public override bool StandsBeforeABroker => true;

    // Each message takes some milliseconds over the wire, and there and back.
    public override int Rounds => 500;

    public override int ManyMessages => 30_000;

    public override async ValueTask<ITransport> CreateAsync() => await StartAsync();

    public override async ValueTask<ITransport?> CreateSecondAsync() => await StartAsync();

    public override ValueTask PassTimeAsync(TimeSpan time)
    {
        SharedClock.Advance(time);
        return ValueTask.CompletedTask;
    }

    public override ValueTask<bool> StepClockAsync(TimeSpan step)
    {
        SharedClock.Step(step);
        return ValueTask.FromResult(true);
    }

    public override async ValueTask<bool> LoseOldestAsync(ITransport transport, string eventName, int count)
    {
        ArgumentNullException.ThrowIfNull(transport);
        var batch = new PublishBatch();
        for (var i = 0; i < 3_990 + count; i++)
        {
            batch.Add(new TransportMessage(default));
        }

        await transport.PublishAsync(eventName, batch, CancellationToken.None);
        return true;
    }

    public override ValueTask<bool> SetReachableAsync(ITransport transport, bool isReachable)
    {
        Assert.True(_wireOf.TryGetValue(transport, out var wire));
        wire.Set(isReachable);
        return ValueTask.FromResult(true);
    }

    // As its callers see it: nobody answers.
    public override ValueTask<bool> SetBackendUpAsync(bool isUp)
    {
        _isBackendUp = isUp;
        _wires.ForEach(w => w.Set(isUp));
        return ValueTask.FromResult(true);
    }

    public override int? CountLogLines() => _log.Count;

    public override async ValueTask EndSuiteAsync()
    {
        if (_behind is not null)
        {
            await WhileTimePassesAsync((await BehindAsync()).DisposeAsync().AsTask());
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var wire in _wires)
        {
            await wire.DisposeAsync();
        }
    }

    private static Task<BrokerHost> BehindAsync()
    {
        lock (Gate)
        {
            return _behind ??= StartBehindAsync();
        }
    }

    private static Task<BrokerHost> StartBehindAsync() => BrokerHost.StartAsync(
        limits: static l => l.MaxMetadataBytes = 64 * 1024,
        memory: static m => m.MaxMessagesPerEvent = 4_000,
        clock: SharedClock);

    // For what waits by the clock and not for a test.
    private static async Task WhileTimePassesAsync(Task task)
    {
        while (await Task.WhenAny(task, Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System)) != task)
        {
            SharedClock.Advance(TimeSpan.FromSeconds(1));
        }

        await task;
    }

    private async Task<ITransport> StartAsync()
    {
        var wire = new Wire((await BehindAsync()).GrpcAddress);
        wire.Set(_isBackendUp);
        _wires.Add(wire);

        // No retries: on this clock the pause before one would never end.
        var starting = RemoteTransports.StartAsync(wire.Address, static s => s.Retries = 0, SharedClock, _log);
        await (_isBackendUp ? starting : WhileTimePassesAsync(starting));
        var transport = await starting;
        _wireOf.Add(transport, wire);
        return transport;
    }
}
