using System.Diagnostics.Metrics;
using Benchmarks.Clients;
using Benchmarks.Durable;
using Benchmarks.Loads;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Nats;
using EventBroker.Transport.Nats.Settings;
using Microsoft.Extensions.Logging.Abstractions;
using NATS.Client.Core;

namespace Benchmarks.Backends;

/// <summary>NATS without JetStream: publishes that the server has answered for (PING after each), and a queue group, by NATS.Client.Core. Both
/// sides write the payload as payload and what else a message has as headers. The transport refuses what nobody gets, so a third connection takes
/// everything from both sides and drops it.</summary>
internal sealed class NatsBackend : IBackend
{
    private const string Subject = "bench-core";

    private readonly DirectoryInfo _folder;
    private readonly JetStreamStore _store;
    private readonly Meter _meter;
    private readonly NatsTransport _transport;
    private readonly NatsConnection _sink;
    private readonly CancellationTokenSource _sinking = new();
    private readonly Task _sunk;

    private NatsBackend(DirectoryInfo folder, JetStreamStore store, Meter meter, NatsTransport transport)
    {
        (_folder, _store, _meter, _transport) = (folder, store, meter, transport);
        _sink = new NatsConnection(new NatsOpts { Url = store.Address });
        _sunk = Task.WhenAll(SinkAsync("eb.>"), SinkAsync(Subject));
    }

    public ITransport Transport => _transport;

    public static async Task<IBackend> StartAsync(CancellationToken cancellation)
    {
        // The names of events are kept in a bucket of JetStream.
        var folder = Directory.CreateTempSubdirectory("eventbroker-nats-");
        var store = await JetStreamStore.StartAsync(folder.FullName, syncsAlways: false, cancellation)
            ?? throw new InvalidOperationException("There is no nats-server.");
        var meter = new Meter("benchmarks");
        var transport = await NatsTransport.StartAsync(
            "nats", new NatsTransportSettings { Servers = [store.Address] }, TimeProvider.System, meter, NullLogger.Instance, cancellation);
        var backend = new NatsBackend(folder, store, meter, transport);
        await backend._sink.PingAsync(cancellation);
        return backend;
    }

    /// <summary>NATS knows no ids.</summary>
    public ILoad PublishByClient(int inFlight, bool hasIds) => new BackendPublishes(
        async _ =>
        {
            await PublishAsync();
            await _store.Connection.PingAsync();
        },
        inFlight);

    public Task<ILoad> ConsumeByClientAsync()
    {
        var received = new ReceivedCounter();
        var stopping = new CancellationTokenSource();
        var reading = ReadAsync();
        return Task.FromResult<ILoad>(new BackendDeliveries(
            1,
            async messages =>
            {
                for (var i = 0; i < messages; i++)
                    await PublishAsync();

                await _store.Connection.PingAsync();
            },
            received,
            async () =>
            {
                await stopping.CancelAsync();
                await reading;
                stopping.Dispose();
            }));

        async Task ReadAsync()
        {
            try
            {
                await foreach (var _ in _store.Connection.SubscribeAsync<byte[]>(Subject, "bench", cancellationToken: stopping.Token))
                    received.Add(1);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                // Nobody waits for more.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _sinking.CancelAsync();
        await _sunk;
        _sinking.Dispose();
        await _sink.DisposeAsync();
        await _transport.DisposeAsync();
        _meter.Dispose();
        await _store.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private ValueTask PublishAsync()
    {
        var headers = new NatsHeaders { ["Id"] = Guid.NewGuid().ToString("n"), ["Source"] = "remote", ["Time"] = "1767323045.000000000" };
        foreach (var (key, value) in SampleMessage.Metadata)
            headers[key] = value;

        return _store.Connection.PublishAsync(Subject, SampleMessage.Payload, headers);
    }

    private async Task SinkAsync(string subject)
    {
        try
        {
            await foreach (var message in _sink.SubscribeAsync<NatsMemoryOwner<byte>>(subject, cancellationToken: _sinking.Token))
                message.Data.Dispose();
        }
        catch (OperationCanceledException) when (_sinking.IsCancellationRequested)
        {
            // Nobody publishes any more.
        }
    }
}
