using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Nats.Events;

namespace EventBroker.Transport.Nats.Broadcast;

/// <summary>A subscription that gets every message, with a place of its own in the host's ring.</summary>
internal sealed class BroadcastSubscription(EventChannel channel, BroadcastFeed feed, ISubscriber subscriber, TransportState transport)
    : ITransportSubscription
{
    private const int Chunk = 64;

    private readonly EncodedMessage[] _buffer = new EncodedMessage[Chunk];
    private long _next = feed.Ring.End;
    private Func<BrokerException>? _end;
    private int _isDisposed;

    public ResumeOutcome Resume => ResumeOutcome.NotAsked;

    public bool TracksSettlement => false;

    public int Read(Span<Delivery> destination, int maxBytes)
    {
        if (Volatile.Read(ref _end) is { } end)
        {
            throw end();
        }

        var (count, bytes) = (0, 0);
        while (count < destination.Length && (count == 0 || bytes < maxBytes))
        {
            var expected = _next;
            var read = feed.Ring.Read(ref _next, _buffer.AsSpan(0, Math.Min(Chunk, destination.Length - count)));
            var missed = _next - expected;
            transport.Metrics.Missed(missed);
            for (var i = 0; i < read && (count == 0 || bytes < maxBytes); i++)
            {
                bytes += _buffer[i].Length;
                destination[count++] = new Delivery
                {
                    Message = _buffer[i],
                    Position = new Position(feed.Epoch, (ulong)_next++),
                    Missed = missed,
                };
                missed = 0;
            }

            if (read == 0)
            {
                break;
            }
        }

        Array.Clear(_buffer);
        return count;
    }

    public void Demand(int count)
    {
        if (Volatile.Read(ref _end) is not null || !feed.Wait(this, _next))
        {
            subscriber.Ready();
        }
    }

    public void Ready() => subscriber.Ready();

    public ValueTask SettleAsync(Memory<TransportSettlement> settlements, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("broadcast deliveries are not held, so there is nothing to settle");

    public void End(Func<BrokerException> why)
    {
        Interlocked.CompareExchange(ref _end, why, null);
        subscriber.Ready();
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            Interlocked.CompareExchange(ref _end, static () => BrokerErrors.SubscriptionEnded("it was closed"), null);
            feed.Forget(this);
            await channel.RemoveAsync(this);
        }
    }
}
