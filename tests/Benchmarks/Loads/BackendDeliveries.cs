using Benchmarks.Clients;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;

namespace Benchmarks.Loads;

/// <summary>Publishes in batches while subscribers in this process take them; a message is one delivery.</summary>
internal sealed class BackendDeliveries(int subscribers, Func<int, Task> publish, ReceivedCounter received, Func<ValueTask> close) : ILoad
{
    private const int Batch = 100;

    // Far enough ahead that everyone is busy, near enough that nothing overflows.
    private const int Window = 2_000;

    private long _published;

    public long Step => Batch * subscribers;

    /// <summary>Through a transport: a worker group of one, or broadcast to many.</summary>
    public static async Task<ILoad> ByTransportAsync(ITransport transport, string eventName, int subscribers)
    {
        var received = new ReceivedCounter();
        var readers = new List<Reader>();
        for (var i = 0; i < subscribers; i++)
            readers.Add(await Reader.OpenAsync(transport, eventName, isMember: subscribers == 1, received));

        return new BackendDeliveries(
            subscribers,
            async messages =>
            {
                var batch = new PublishBatch(messages);
                for (var k = 0; k < messages; k++)
                {
                    var message = MessageEncoder.Encode(Guid.NewGuid().ToString("n"), "remote", SampleMessage.Payload, SampleMessage.Metadata, default);
                    batch.Add(new TransportMessage(message) { HasGeneratedId = true });
                }

                await transport.PublishAsync(eventName, batch, CancellationToken.None);
            },
            received,
            async () =>
            {
                foreach (var reader in readers)
                    await reader.DisposeAsync();
            });
    }

    public async Task RunAsync(long messages, CancellationToken cancellation)
    {
        for (var left = messages; left > 0; left -= Step)
        {
            await publish(Batch);
            _published += Step;
            await received.WaitForAsync(_published - (Window * subscribers), cancellation);
        }

        await received.WaitForAsync(_published, cancellation);
    }

    public ValueTask DisposeAsync() => close();

    private sealed class Reader(ReceivedCounter received) : ISubscriber, IAsyncDisposable
    {
        private readonly Lock _reading = new();
        private readonly Delivery[] _buffer = new Delivery[Batch];
        private ITransportSubscription? _subscription;
        private bool _isClosed;

        public static async Task<Reader> OpenAsync(ITransport transport, string eventName, bool isMember, ReceivedCounter received)
        {
            var options = isMember
                ? new SubscribeOptions { Mode = DeliveryMode.WorkerPool, WorkerGroup = "bench" }
                : new SubscribeOptions { Mode = DeliveryMode.Broadcast };
            var reader = new Reader(received);
            reader._subscription = await transport.SubscribeAsync(eventName, options, reader, CancellationToken.None);
            reader._subscription.Demand(Batch);
            return reader;
        }

        // As the broker does it: never on the thread that tells.
        public void Ready() => ThreadPool.UnsafeQueueUserWorkItem(static reader => reader.Take(), this, preferLocal: false);

        public void LeasesLost(Predicate<Delivery> isLost)
        {
        }

        public async ValueTask DisposeAsync()
        {
            Volatile.Write(ref _isClosed, true);
            await _subscription!.DisposeAsync();
        }

        private void Take()
        {
            // It may be told too often.
            lock (_reading)
                TakeAll();
        }

        private void TakeAll()
        {
            try
            {
                while (!Volatile.Read(ref _isClosed) && _subscription!.Read(_buffer, int.MaxValue) is var read and > 0)
                {
                    received.Add(read);
                    if (_subscription.TracksSettlement)
                        _ = SettleAsync(read);
                }

                if (!Volatile.Read(ref _isClosed))
                    _subscription!.Demand(Batch);
            }
            catch (Exception fault)
            {
                // Whoever waits for messages gets it; after disposal nobody does.
                received.Fail(fault);
            }
        }

        private async Task SettleAsync(int read)
        {
            var settlements = Array.ConvertAll(_buffer[..read], static d => new TransportSettlement { Delivery = d, Attempts = 1 });
            await _subscription!.SettleAsync(settlements, CancellationToken.None);
        }
    }
}
