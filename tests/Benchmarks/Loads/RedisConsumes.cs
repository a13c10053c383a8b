using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Redis;
using StackExchange.Redis;

namespace Benchmarks.Loads;

/// <summary>Consumes what was published beforehand and acks all of it: through the transport, or by XREADGROUP and XACK.</summary>
internal sealed class RedisConsumes(Func<long, Task> publish, Func<long, Task> consume) : ILoad
{
    private const int Batch = 100;
    private const string Group = "bench";

    public long Step => Batch;

    public long Limit => 200_000;

    public static async Task<RedisConsumes> ByTransportAsync(RedisTransport transport, string eventName)
    {
        var subscriber = new Waiter();
        var options = new SubscribeOptions { Mode = DeliveryMode.WorkerPool, WorkerGroup = Group };
        var subscription = await transport.SubscribeAsync(eventName, options, subscriber, CancellationToken.None);
        return new RedisConsumes(
            async messages =>
            {
                for (var left = messages; left > 0; left -= Batch)
                    await PublishAsync(transport, eventName);
            },
            messages => ConsumeAsync(subscription, subscriber, messages));
    }

    public static async Task<RedisConsumes> ByClientAsync(IDatabase database, string stream)
    {
        await database.StreamCreateConsumerGroupAsync(stream, Group, "$", createStream: true);
        var payload = new byte[428];
        return new RedisConsumes(
            async messages =>
            {
                for (var left = messages; left > 0; left -= Batch)
                    await Task.WhenAll(Enumerable.Range(0, Batch).Select(_ => database.StreamAddAsync(stream, "m", payload)));
            },
            async messages =>
            {
                var acks = new List<Task>();
                for (var left = messages; left > 0;)
                {
                    var entries = await database.StreamReadGroupAsync(stream, Group, "c", ">", Batch);
                    acks.Add(database.StreamAcknowledgeAsync(stream, Group, Array.ConvertAll(entries, static e => e.Id)));
                    left -= entries.Length;
                }

                await Task.WhenAll(acks);
            });
    }

    public Task PrepareAsync(long messages, CancellationToken cancellation) => publish(messages);

    public Task RunAsync(long messages, CancellationToken cancellation) => consume(messages);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async Task PublishAsync(RedisTransport transport, string eventName)
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
