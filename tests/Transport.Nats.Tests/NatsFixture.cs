using System.Runtime.CompilerServices;
using EventBroker.Nats.Tests;
using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Nats.Tests;

// A server for each test, with JetStream for the names of registered events.
public sealed class NatsFixture : TransportFixture, IAsyncDisposable
{
    private const int MaxMessages = 4_000;

    private readonly CountingLogger _log = new();
    private readonly List<Wire> _wires = [];

    // Not what keeps a transport alive.
    private readonly ConditionalWeakTable<ITransport, Wire> _wireOf = [];
    private NatsServer? _server;
    private bool _isUp = true;

    public override TimeSpan LongestPassableTime => TimeSpan.FromSeconds(20);

    public override async ValueTask<ITransport> CreateAsync()
    {
        _server = await NatsServer.StartAsync("-js");
        return await StartAsync();
    }

    public override async ValueTask<ITransport?> CreateSecondAsync() => await StartAsync();

    public override async ValueTask<ITransport?> RestartAsync(ITransport transport)
    {
        ArgumentNullException.ThrowIfNull(transport);
        await transport.DisposeAsync();
        return await StartAsync();
    }

    public override async ValueTask<bool> SetBackendUpAsync(bool isUp)
    {
        if (_isUp != isUp)
        {
            _isUp = isUp;
            await (isUp ? _server!.StartAgainAsync() : _server!.KillAsync());
        }

        return true;
    }

    // More than a slow subscriber may have waiting. Another one shows that all have come.
    public override async ValueTask<bool> LoseOldestAsync(ITransport transport, string eventName, int count)
    {
        ArgumentNullException.ThrowIfNull(transport);
        var probe = new SubscriberProbe();
        var subscription = await transport.SubscribeAsync(eventName, new SubscribeOptions(), probe, CancellationToken.None);
        await using var witness = new TestSubscriber(subscription, probe, Patience);
        var batch = new PublishBatch();
        for (var i = 0; i < MaxMessages - 10 + count; i++)
        {
            batch.Add(new TransportMessage(MessageEncoder.Encode("filler-" + i, "tests", "x"u8, null, default)));
        }

        await transport.PublishAsync(eventName, batch, CancellationToken.None);
        await witness.TakeAsync(batch.Count);
        return true;
    }

    public override ValueTask<bool> SetReachableAsync(ITransport transport, bool isReachable)
    {
        if (isReachable)
        {
            WireOf(transport).Mend();
        }
        else
        {
            WireOf(transport).Cut();
        }

        return ValueTask.FromResult(true);
    }

    public override int? CountLogLines() => _log.Count;

    public async ValueTask DisposeAsync()
    {
        foreach (var wire in _wires)
        {
            await wire.DisposeAsync();
        }

        // Nothing was asked for by the fixture that only ends the suite.
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    private Wire WireOf(ITransport transport) =>
        _wireOf.TryGetValue(transport, out var wire) ? wire : throw new InvalidOperationException("a transport of another fixture");

    private async Task<ITransport> StartAsync()
    {
        var wire = new Wire(_server!.Port);
        var transport = await NatsTransports.StartAsync(wire.Address, static s => s.MaxWaitingMessages = MaxMessages, _log);
        _wires.Add(wire);
        _wireOf.Add(transport, wire);
        return transport;
    }
}
