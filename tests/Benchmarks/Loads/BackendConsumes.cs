using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;

namespace Benchmarks.Loads;

/// <summary>Consumes what was published beforehand and acks all of it: through the transport, or as a program does that has no broker.</summary>
internal sealed class BackendConsumes(Func<Task> publishBatch, Func<long, Task> consume, Func<Task>? check = null) : ILoad
{
    /// <summary>How many are published, taken and acked together.</summary>
    public const int Batch = 100;

    // One after the other they would take minutes where a backend spreads them over many requests.
    private const int BatchesUnderWay = 32;

    private const string Group = "bench";

    public long Step => Batch;

    public long Limit => 200_000;

    /// <summary>Through a transport.</summary>
    /// <param name="transport">Keeps the messages.</param>
    /// <param name="eventName">Of it.</param>
    /// <param name="isTroubled">Whether the first message of all is never settled, and each thousandth is nacked three times before it is acked.</param>
    public static async Task<BackendConsumes> ByTransportAsync(ITransport transport, string eventName, bool isTroubled = false)
    {
        var subscriber = new Waiter();
        var options = new SubscribeOptions { Mode = DeliveryMode.WorkerPool, WorkerGroup = Group };
        var subscription = await transport.SubscribeAsync(eventName, options, subscriber, CancellationToken.None);
        return new BackendConsumes(
            () => PublishAsync(transport, eventName),
            isTroubled ? new TroubledConsumer(subscription, subscriber).ConsumeAsync : messages => ConsumeAsync(subscription, subscriber, messages),
            isTroubled ? () => CheckAsync(transport, eventName) : null);
    }

    public Task PrepareAsync(long messages, CancellationToken cancellation)
    {
        var left = messages / Batch;
        return Task.WhenAll(Enumerable.Range(0, BatchesUnderWay).Select(_ => PublishAsync()));

        async Task PublishAsync()
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                cancellation.ThrowIfCancellationRequested();
                await publishBatch();
            }
        }
    }

    // One that waits in vain fails, and the other lines are measured.
    public Task RunAsync(long messages, CancellationToken cancellation) => consume(messages).WaitAsync(cancellation);

    public async ValueTask DisposeAsync()
    {
        if (check is not null)
            await check();
    }

    // What is shown is true: everything was handed over, and one is open.
    private static async Task CheckAsync(ITransport transport, string eventName)
    {
        var group = (await transport.DescribeAsync(eventName, CancellationToken.None)).Groups.Single();
        if ((group.Lag, group.Unsettled) != (0, 1))
            throw new InvalidOperationException($"the group shows a lag of {group.Lag} and {group.Unsettled} unsettled messages");
    }

    private static async Task PublishAsync(ITransport transport, string eventName)
    {
        var batch = new PublishBatch(Batch);
        for (var i = 0; i < Batch; i++)
            batch.Add(new TransportMessage(MessageEncoder.Encode(Guid.NewGuid().ToString("n"), "remote", SampleMessage.Payload, SampleMessage.Metadata, default)));

        await transport.PublishAsync(eventName, batch, CancellationToken.None);
        for (var i = 0; i < Batch; i++)
        {
            if (batch.GetFailure(i) is { } failure)
                throw failure;
        }
    }

    private static async Task ConsumeAsync(ITransportSubscription subscription, Waiter waiter, long messages)
    {
        var buffer = new Delivery[Batch];
        var settling = new List<Task>();
        for (var left = messages; left > 0;)
        {
            var read = subscription.Read(buffer, int.MaxValue);
            if (read == 0)
            {
                var next = waiter.Next;
                subscription.Demand(Batch);
                await next;
                continue;
            }

            left -= read;
            settling.Add(subscription.SettleAsync(
                Array.ConvertAll(buffer[..read], static d => new TransportSettlement { Delivery = d, Attempts = 1 }), CancellationToken.None).AsTask());
        }

        await Task.WhenAll(settling);
    }

    private sealed class TroubledConsumer(ITransportSubscription subscription, Waiter waiter)
    {
        private const int NackedEvery = 1_000;
        private const int Nacks = 3;

        private readonly Delivery[] _buffer = new Delivery[Batch];
        private bool _isFirst = true;
        private int _number;

        public async Task ConsumeAsync(long messages)
        {
            var settling = new List<Task>();
            for (var left = messages; left > 0;)
            {
                var read = subscription.Read(_buffer, int.MaxValue);
                if (read == 0)
                {
                    var next = waiter.Next;
                    subscription.Demand(Batch);
                    await next;
                    continue;
                }

                var settlements = _buffer[..read].Skip(_isFirst ? 1 : 0).Select(Settle).ToArray();
                left -= (_isFirst ? 1 : 0) + settlements.Count(static s => s.Action == SettlementAction.Complete);
                _isFirst = false;
                settling.Add(subscription.SettleAsync(settlements, CancellationToken.None).AsTask());
            }

            await Task.WhenAll(settling);
        }

        private TransportSettlement Settle(Delivery delivery)
        {
            var isNacked = delivery.RetryCount > 0 ? delivery.RetryCount < Nacks : ++_number % NackedEvery == 0;
            return new TransportSettlement
            {
                Delivery = delivery,
                Action = isNacked ? SettlementAction.Release : SettlementAction.Complete,
                Reason = isNacked ? SettlementReason.Nacked : SettlementReason.Acked,
                Attempts = delivery.RetryCount + 1,
            };
        }
    }

    private sealed class Waiter : EventBroker.Sdk.Transports.ISubscriber
    {
        private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Next => Volatile.Read(ref _next).Task;

        public void Ready() => Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();

        public void LeasesLost(Predicate<Delivery> isLost)
        {
        }
    }
}
