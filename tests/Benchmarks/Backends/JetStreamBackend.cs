using System.Diagnostics.Metrics;
using System.Globalization;
using Benchmarks.Durable;
using Benchmarks.Loads;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.JetStream;
using EventBroker.Transport.JetStream.Settings;
using Microsoft.Extensions.Logging.Abstractions;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Benchmarks.Backends;

/// <summary>JetStream with its file store, sync as it ships: acknowledged publishes, and a pull consumer whose acks are answered, by
/// NATS.Client.JetStream.</summary>
internal sealed class JetStreamBackend : IBackend
{
    private readonly DirectoryInfo _folder;
    private readonly JetStreamStore _store;
    private readonly Meter _meter;
    private readonly JetStreamTransport _transport;

    private JetStreamBackend(DirectoryInfo folder, JetStreamStore store, Meter meter, JetStreamTransport transport) =>
        (_folder, _store, _meter, _transport) = (folder, store, meter, transport);

    public ITransport Transport => _transport;

    public static async Task<IBackend> StartAsync(CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("eventbroker-jetstream-");
        var store = await JetStreamStore.StartAsync(folder.FullName, syncsAlways: false, cancellation)
            ?? throw new InvalidOperationException("There is no nats-server.");
        var meter = new Meter("benchmarks");
        var transport = await JetStreamTransport.StartAsync(
            "jetstream", new JetStreamSettings { Servers = [store.Address] }, TimeProvider.System, meter, NullLogger.Instance, cancellation);
        return new JetStreamBackend(folder, store, meter, transport);
    }

    public ILoad PublishByClient(int inFlight, bool hasIds)
    {
        var number = 0L;
        return new BackendPublishes(
            async message =>
            {
                var options = hasIds ? new NatsJSPubOpts { MsgId = Interlocked.Increment(ref number).ToString(CultureInfo.InvariantCulture) } : null;
                var ack = await _store.Context.PublishAsync(JetStreamStore.Subject, message.Bytes, opts: options);
                ack.EnsureSuccess();
            },
            inFlight);
    }

    public async Task<ILoad> ConsumeByClientAsync()
    {
        var consumer = await _store.Context.CreateOrUpdateConsumerAsync(
            JetStreamStore.Subject,
            new ConsumerConfig("bench")
            {
                AckPolicy = ConsumerConfigAckPolicy.Explicit,
                DeliverPolicy = ConsumerConfigDeliverPolicy.New,
                MaxAckPending = -1,
            });
        var payload = new byte[428];
        return new BackendConsumes(
            () => Task.WhenAll(Enumerable.Range(0, BackendConsumes.Batch).Select(async _ =>
                (await _store.Context.PublishAsync(JetStreamStore.Subject, payload)).EnsureSuccess())),
            async messages =>
            {
                var acks = new List<Task>();
                for (var left = messages; left > 0;)
                {
                    await foreach (var message in consumer.FetchAsync<byte[]>(new NatsJSFetchOpts { MaxMsgs = BackendConsumes.Batch }))
                    {
                        acks.Add(message.AckAsync(new AckOpts { DoubleAck = true }).AsTask());
                        left--;
                    }
                }

                await Task.WhenAll(acks);
            });
    }

    public async ValueTask DisposeAsync()
    {
        await _transport.DisposeAsync();
        _meter.Dispose();
        await _store.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
