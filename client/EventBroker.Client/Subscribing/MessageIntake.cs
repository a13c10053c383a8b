using EventBroker.Client.Diagnostics;
using EventBroker.Client.Resilience;
using EventBroker.Client.Settling;

namespace EventBroker.Client.Subscribing;

/// <summary>Makes deliveries of the messages that come, and puts them where the program takes them from.</summary>
internal sealed class MessageIntake(
    Subscriber subscriber, DeliveryBuffer buffer, Func<Subscriber, IncomingMessage, int, long, Delivery> createDelivery)
{
    // How long a message waits that the program does not take.
    private static readonly TimeSpan FirstLargeDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestLargeDelay = TimeSpan.FromMinutes(10);

    // How long it takes at the most until the streams of a connection hear of its end.
    private static readonly TimeSpan DropGrace = TimeSpan.FromMilliseconds(100);

    // Of the message that came last, until there is room for it: it outlives its stream.
    private Task _added = Task.CompletedTask;
    private long _sent;
    private bool _isLargeTold;

    /// <summary>A stream was opened.</summary>
    public void Opened(bool isEventBroker)
    {
        _sent = subscriber.Now;

        // What is unsettled is bounded by the broker, in number and bytes. It must not wait in the connection, where it can't be seen grow old.
        buffer.IsUnbounded = isEventBroker && !subscriber.Options.AutoAck;
    }

    /// <summary>Takes in what comes over a stream, until it ends or breaks.</summary>
    public async ValueTask ReadAsync(SubscriptionStream stream, ResumePlace place, int generation, CancellationToken closing)
    {
        await using var end = closing.Register(static stream => ((SubscriptionStream)stream!).End(), stream).ConfigureAwait(false);
        while (true)
        {
            if (!_added.IsCompletedSuccessfully)
            {
                // Never where there is a time to settle.
                if (!await HasRoomAsync(stream).ConfigureAwait(false))
                {
                    return;
                }

                _sent = subscriber.Now;
            }

            var next = stream.MoveNextAsync();
            if (!next.IsCompletedSuccessfully)
            {
                // What came with it in one piece has the same time.
                await next.ConfigureAwait(false);
                _sent = subscriber.Now;
            }

            if (!await next.ConfigureAwait(false))
            {
                return;
            }

            if (Take(stream.Current, place, generation) is { } delivery)
            {
                var added = buffer.AddAsync(delivery, closing);
                _added = added.IsCompletedSuccessfully ? Task.CompletedTask : added.AsTask();
                subscriber.Connection.Metrics.Received(subscriber.EventName);
            }
        }
    }

    /// <summary>Nothing comes any more.</summary>
    public void End(Exception? exception) => buffer.Complete(exception);

    // Waits for room. Whoever does not read does not hear that the stream has ended; so a little is read ahead, now and whenever a connection has
    // ended: if it is this one's, that fails.
    private async ValueTask<bool> HasRoomAsync(SubscriptionStream stream)
    {
        var drop = subscriber.Connection.Monitor.NextDrop;
        while (!_added.IsCompleted)
        {
            var ahead = stream.LookAheadAsync();
            await Task.WhenAny(_added, ahead).ConfigureAwait(false);
            if (_added.IsCompleted)
            {
                break;
            }

            if (!await ahead.ConfigureAwait(false))
            {
                return false;
            }

            stream.Hold();
            await Task.WhenAny(_added, drop).ConfigureAwait(false);
            drop = subscriber.Connection.Monitor.NextDrop;
            await Task.WhenAny(_added, Task.Delay(DropGrace, subscriber.Connection.Time)).ConfigureAwait(false);
        }

        await _added.ConfigureAwait(false);
        return true;
    }

    // Null for what the program is not to see.
    private Delivery? Take(IncomingMessage message, ResumePlace place, int generation)
    {
        var isNews = place.TryAdd(message, out var entry);
        var delivery = createDelivery(subscriber, message, generation, _sent);
        delivery.Entry = entry;
        if (!isNews)
        {
            // Settled before the cut; the server that has sent it again must know.
            Settle(delivery, new SettlementRequest(delivery, SettlementKind.Ack));
            return null;
        }

        if (entry is not null)
        {
            delivery.RetryCount = Math.Max(delivery.RetryCount, entry.Deliveries - 1);
        }

        if (message.IsTooLarge)
        {
            LeaveOut(delivery, message.Size);
            return null;
        }

        if (delivery.NeedsSettling)
        {
            subscriber.Leases?.Hold(delivery);
        }

        return delivery;
    }

    // A message that the program does not take. To end the stream for it would bring it again, and nothing that lies behind it. Another member
    // of the group may take it, or this program once it allows more.
    private void LeaveOut(Delivery delivery, int size)
    {
        var limit = subscriber.Connection.Options.MaxMessageBytes;
        subscriber.Connection.Metrics.LeftOut(subscriber.EventName);
        if (delivery.RetryCount == 0 || !_isLargeTold)
        {
            _isLargeTold = true;
            ClientLog.LeftOut(subscriber.Connection.Logger, delivery.Id, subscriber.EventName, size, limit);
        }

        Settle(delivery, new SettlementRequest(delivery, SettlementKind.Nack)
        {
            Reason = $"the message has {size} bytes, and its subscriber takes {limit}",
            Time = Backoff.Limit(FirstLargeDelay, LongestLargeDelay, delivery.RetryCount + 1),
        });
    }

    private void Settle(Delivery delivery, SettlementRequest request)
    {
        if (delivery.NeedsSettling)
        {
            subscriber.Settlements.Add(request);
        }
    }
}
