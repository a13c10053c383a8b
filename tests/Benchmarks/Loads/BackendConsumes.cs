using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;

namespace Benchmarks.Loads;

/// <summary>Consumes what was published beforehand and acks all of it: through the transport, or as a program does that has no broker.</summary>
internal sealed class BackendConsumes(Func<long, Task> publish, Func<long, Task> consume) : ILoad
{
    /// <summary>How many are published, taken and acked together.</summary>
    public const int Batch = 100;

    private const string Group = "bench";

    public long Step => Batch;

    public long Limit => 200_000;

    public static async Task<BackendConsumes> ByTransportAsync(ITransport transport, string eventName)
    {
        var subscriber = new Waiter();
        var options = new SubscribeOptions { Mode = DeliveryMode.WorkerPool, WorkerGroup = Group };
        var subscription = await transport.SubscribeAsync(eventName, options, subscriber, CancellationToken.None);
        return new BackendConsumes(
            async messages =>
            {
                for (var left = messages; left > 0; left -= Batch)
                    await PublishAsync(transport, eventName);
            },
            messages => ConsumeAsync(subscription, subscriber, messages));
    }

    public Task PrepareAsync(long messages, CancellationToken cancellation) => publish(messages);

    public Task RunAsync(long messages, CancellationToken cancellation) => consume(messages);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async Task PublishAsync(ITransport transport, string eventName)
    {
        var batch = new PublishBatch(Batch);
        for (var i = 0; i < Batch; i++)
            batch.Add(new TransportMessage(MessageEncoder.Encode(Guid.NewGuid().ToString("n"), "remote", SampleMessage.Payload, SampleMessage.Metadata, default)));

        await transport.PublishAsync(eventName, batch, CancellationToken.None);
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
