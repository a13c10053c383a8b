using System.Threading.Channels;
using EventBroker.Client;
using EventBroker.Sdk.Errors;

namespace EventBroker.Transport.Remote.Subscriptions;

// Waits for the client on behalf of a subscriber who has found nothing: one signal for a demand.
internal sealed partial class RemoteSubscription
{
    // Whoever sets the flag leaves a token; the pump looks at the flag after it has taken the token, so none is overlooked. One token
    // is enough for any number of demands.
    private readonly Channel<bool> _demands = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private int _isDemanded;

    public void Demand(int count)
    {
        Interlocked.Exchange(ref _isDemanded, 1);
        _demands.Writer.TryWrite(true);
        if (_newest is { HasOne: true } || !_returned.IsEmpty)
        {
            WakeUp();
        }
    }

    private void WakeUp()
    {
        if (Interlocked.Exchange(ref _isDemanded, 0) != 0)
        {
            _subscriber.Ready();
        }
    }

    private async Task PumpAsync()
    {
        try
        {
            while (true)
            {
                if (_newest is null)
                {
                    await _demands.Reader.ReadAsync(_closing.Token);
                }

                if (!await _source!.WaitAsync(_closing.Token))
                {
                    End(BrokerErrors.TransportClosed());
                    return;
                }

                if (_newest is not null)
                {
                    KeepNewest(_newest);
                }

                WakeUp();
            }
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // Closed.
        }
        catch (EventBrokerException exception)
        {
            End(Ending(exception));
        }
#pragma warning disable CA1031 // Whatever it is, the subscriber must learn that nothing comes any more.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            RemoteLog.SubscriptionFailed(_broker.Logger, exception, _eventName);
            End(new BrokerException(BrokerErrorCode.Internal, "internal error", exception));
        }
    }

    // Read on also while nobody asks: what waits in buffers on the way would be old.
    private void KeepNewest(NewestDelivery newest)
    {
        while (_source!.TryTake(out var delivery))
        {
            if (newest.Replace(delivery) is { } outdated)
            {
                LeaveOut(outdated);
            }
        }
    }
}
