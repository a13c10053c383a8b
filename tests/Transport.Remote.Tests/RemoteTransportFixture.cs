using EventBroker.FunctionalTests.Hosting;
using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Remote.Tests.Hosting;

namespace EventBroker.Transport.Remote.Tests;

// A broker over the memory transport behind, both on one clock that stands still.
public sealed class RemoteTransportFixture : TransportFixture, IAsyncDisposable
{
    private BrokerHost _behind = null!;

    public override TimeProvider Clock => _behind.Time;

    public override bool StandsBeforeABroker => true;

    public override async ValueTask<ITransport> CreateAsync()
    {
        _behind = await BrokerHost.StartAsync(memory: static m => m.MaxMessagesPerEvent = 4_000);

        // No retries: on this clock the pause before one would never end.
        return await RemoteTransports.StartAsync(_behind.GrpcAddress, static s => s.Retries = 0, _behind.Time);
    }

    public override ValueTask PassTimeAsync(TimeSpan time)
    {
        _behind.Time.Advance(time);
        return ValueTask.CompletedTask;
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

    public ValueTask DisposeAsync() => _behind.DisposeAsync();
}
