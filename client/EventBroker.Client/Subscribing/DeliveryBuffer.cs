using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace EventBroker.Client.Subscribing;

/// <summary>What came and was not taken yet, bounded by count and bytes: while it is full, nobody reads the stream, and the broker
/// feels it. One writer, any number of readers.</summary>
/// <param name="maxCount">How many deliveries there is room for.</param>
/// <param name="maxBytes">How many bytes of payload; one delivery fits in any case.</param>
/// <param name="keepsNewest">Whether what waits is dropped for something newer, so that there is always room.</param>
/// <param name="isStale">Tells what nobody would take any more.</param>
internal sealed class DeliveryBuffer(int maxCount, int maxBytes, bool keepsNewest, Func<Delivery, bool> isStale)
{
    private readonly Channel<Delivery> _channel = Channel.CreateUnbounded<Delivery>(
        new UnboundedChannelOptions { SingleWriter = true });

    // Whoever drops what is stale must take what it looked at.
    private readonly Lock _taking = new();
    private TaskCompletionSource? _room;
    private long _bytes;
    private int _count;

    /// <summary>Gets or sets whether somebody else bounds what comes: then there is always room. What that somebody has taken back makes way for what
    /// it sends instead.</summary>
    public bool IsUnbounded { get; set; }

    public Task Completion => _channel.Reader.Completion;

    public async ValueTask AddAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        while (keepsNewest && TryTake(out _))
        {
        }

        while (IsUnbounded && TryDropStale())
        {
        }

        while (!HasRoom(delivery.Payload.Length))
        {
            var room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref _room, room);

            // Whoever took something before the line above told nobody.
            Interlocked.MemoryBarrier();
            if (!HasRoom(delivery.Payload.Length))
            {
                await room.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }

        Interlocked.Increment(ref _count);
        Interlocked.Add(ref _bytes, delivery.Payload.Length);
        _channel.Writer.TryWrite(delivery);
    }

    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _channel.Reader.WaitToReadAsync(cancellationToken);

    public bool TryTake([NotNullWhen(true)] out Delivery? delivery)
    {
        lock (_taking)
        {
            if (!_channel.Reader.TryRead(out delivery))
            {
                return false;
            }
        }

        Took(delivery);
        return true;
    }

    public void Complete(Exception? exception) => _channel.Writer.TryComplete(exception);

    private bool TryDropStale()
    {
        Delivery? stale;
        lock (_taking)
        {
            if (!_channel.Reader.TryPeek(out stale) || !isStale(stale) || !_channel.Reader.TryRead(out stale))
            {
                return false;
            }
        }

        Took(stale);
        return true;
    }

    private void Took(Delivery delivery)
    {
        Interlocked.Add(ref _bytes, -delivery.Payload.Length);
        Interlocked.Decrement(ref _count);
        if (Volatile.Read(ref _room) is not null)
        {
            Interlocked.Exchange(ref _room, null)?.TrySetResult();
        }
    }

    private bool HasRoom(int bytes)
    {
        var count = Volatile.Read(ref _count);
        return IsUnbounded || count == 0 || (count < maxCount && Interlocked.Read(ref _bytes) + bytes <= maxBytes);
    }
}
