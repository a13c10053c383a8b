using System.Buffers;
using EventBroker.Broker.Subscribing;
using EventBroker.Sdk.Errors;

namespace EventBroker.Endpoints.Streaming;

// Takes what a subscription has and writes it to a connection: everything that is ready, up to a chunk, then one flush; it never waits
// for more. Between chunks it holds no buffer, so an idle stream costs little more than this object.
internal abstract class DeliveryStream(BrokerSubscription subscription, StreamConnection connection)
{
    private const int BatchSize = 64;
    private const int ChunkBytes = 64 * 1024;

    protected BrokerSubscription Subscription { get; } = subscription;

    protected StreamConnection Connection { get; } = connection;

    // Delivers until the connection takes no more (ends normally), the call is cancelled (ends normally too) or the subscription
    // ends (throws why), and disposes the subscription.
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // Disposing ends a wait. Nobody here waits for what is given back then, but the broker does when it drains.
        var registration = cancellationToken.UnsafeRegister(
            static stream => _ = ((DeliveryStream)stream!).Subscription.DisposeAsync().AsTask(), this);
        try
        {
            while (true)
            {
                await Subscription.WaitAsync();
                bool hasWaited;
                await EnterAsync();
                try
                {
                    if (await WriteChunkAsync() == 0)
                    {
                        continue;
                    }

                    var flush = FlushAsync();
                    hasWaited = !flush.IsCompleted;
                    if (!await flush)
                    {
                        return;
                    }
                }
                finally
                {
                    Exit();
                }

                await Subscription.SentAsync(hasWaited);
            }
        }
        catch (BrokerException) when (cancellationToken.IsCancellationRequested)
        {
            // Ended by the disposal above.
        }
        catch (OperationCanceledException) when (Connection.Aborted.IsCancellationRequested)
        {
            // The connection was cut, or its client has gone, while it took no more.
        }
        finally
        {
            await registration.DisposeAsync();
            await Subscription.DisposeAsync();
        }
    }

    // Only streams with a second writer (heartbeats, replies) need to take turns.
    protected virtual ValueTask EnterAsync() => default;

    protected virtual void Exit()
    {
    }

    // Encodes a delivery and returns how many bytes it has taken.
    protected abstract int Write(in OutboundDelivery delivery);

    // Hands everything written to the connection; false if that takes no more.
    protected abstract ValueTask<bool> FlushAsync();

    private async ValueTask<int> WriteChunkAsync()
    {
        var deliveries = ArrayPool<OutboundDelivery>.Shared.Rent(BatchSize);
        var most = 0;
        try
        {
            var written = 0;
            int taken;
            do
            {
                taken = await TakeAsync(deliveries.AsMemory(0, BatchSize), ChunkBytes - written, isFirst: written == 0);
                most = Math.Max(most, taken);
                for (var i = 0; i < taken; i++)
                {
                    written += Write(in deliveries[i]);
                }
            }
            while (taken == BatchSize && written < ChunkBytes);
            return written;
        }
        finally
        {
            // The pool must not keep messages alive; only what was used needs clearing.
            deliveries.AsSpan(0, most).Clear();
            ArrayPool<OutboundDelivery>.Shared.Return(deliveries);
        }
    }

    private async ValueTask<int> TakeAsync(Memory<OutboundDelivery> destination, int maxBytes, bool isFirst)
    {
        try
        {
            var taken = await Subscription.TakeAsync(destination, maxBytes);
            if (taken > 0)
            {
                // Not only before the flush: the end of a call flushes what was written by then.
                Subscription.Sending();
            }

            return taken;
        }
        catch (BrokerException) when (!isFirst)
        {
            // Told by the next wait: what is written already goes out first, and is known to be sent.
            return 0;
        }
    }
}
