using EventBroker.FunctionalTests.Hosting;
using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Remote.Tests.Hosting;

namespace EventBroker.Transport.Remote.Tests;

// A broker over the memory transport behind, all on one clock that stands still.
public sealed class RemoteTransportFixture : TransportFixture, IAsyncDisposable
{
    private readonly SteppableClock _clock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly CountingLogger _log = new();
    private readonly Dictionary<ITransport, Wire> _wires = [];
    private BrokerHost _behind = null!;

    public override TimeProvider Clock => _clock;

    // What takes longer has no word in the contract between brokers.
    public override TimeSpan LongestPassableTime => TimeSpan.FromHours(12);

    public override bool StandsBeforeABroker => true;

    public override async ValueTask<ITransport> CreateAsync()
    {
        _behind = await BrokerHost.StartAsync(
            limits: static l => l.MaxMetadataBytes = 64 * 1024,
            memory: static m => m.MaxMessagesPerEvent = 4_000,
            clock: _clock);
        return await StartAsync();
    }

    public override async ValueTask<ITransport?> CreateSecondAsync() => await StartAsync();

    public override ValueTask PassTimeAsync(TimeSpan time)
    {
        _clock.Advance(time);
        return ValueTask.CompletedTask;
    }

    public override ValueTask<bool> StepClockAsync(TimeSpan step)
    {
        _clock.Step(step);
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
        if (isReachable)
        {
            _wires[transport].Mend();
        }
        else
        {
            _wires[transport].Cut();
        }

        return ValueTask.FromResult(true);
    }

    public override int? CountLogLines() => _log.Count;

    public async ValueTask DisposeAsync()
    {
        foreach (var wire in _wires.Values)
        {
            await wire.DisposeAsync();
        }

        await _behind.DisposeAsync();
    }

    private async Task<ITransport> StartAsync()
    {
        var wire = new Wire(_behind.GrpcAddress);

        // No retries: on this clock the pause before one would never end.
        var transport = await RemoteTransports.StartAsync(wire.Address, static s => s.Retries = 0, _clock, _log);
        _wires[transport] = wire;
        return transport;
    }
}
