using EventBroker.Client;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Remote.Messages;
using EventBroker.Transport.Remote.Upstream;
using Grpc.Core;
using SdkOptions = EventBroker.Sdk.Transports.SubscribeOptions;
using SdkOutcome = EventBroker.Sdk.Transports.ResumeOutcome;

namespace EventBroker.Transport.Remote.Subscriptions;

// How it begins, and what the client tells of its stream.
internal sealed partial class RemoteSubscription
{
    private readonly CancellationTokenSource _opening;
    private volatile EventBrokerException? _refusal;
    private volatile bool _isOpen;

    /// <summary>Opens a subscription at the broker behind. Unlike the client it does not wait for one that is out of reach.</summary>
    public static async Task<RemoteSubscription> OpenAsync(
        UpstreamBroker broker,
        RemoteTransport client,
        string eventName,
        SdkOptions options,
        int maxInFlight,
        ISubscriber subscriber,
        CancellationToken cancellationToken)
    {
        var subscription = new RemoteSubscription(broker, eventName, options, subscriber, cancellationToken);
        try
        {
            await subscription.OpenAsync(client, maxInFlight, cancellationToken);
            broker.Add(subscription);
            return subscription;
        }
        catch
        {
            await subscription.DisposeAsync();
            throw;
        }
    }

    private async Task OpenAsync(RemoteTransport client, int maxInFlight, CancellationToken cancellationToken)
    {
        var wish = SubscribeMapping.Map(_options, _broker.Capabilities, maxInFlight);
        wish.OnFault = OnFault;
        wish.OnOpened = OnOpened;
        try
        {
            _source = new DeliverySource(await client.SubscribeAsync(_eventName, wish, _opening.Token));
        }
        catch (OperationCanceledException) when (_refusal is not null && !cancellationToken.IsCancellationRequested)
        {
            throw RemoteErrors.Translate(_refusal);
        }
        catch (EventBrokerException exception)
        {
            throw RemoteErrors.Translate(exception);
        }
        catch (ObjectDisposedException) when (_broker.IsClosed)
        {
            throw BrokerErrors.TransportClosed();
        }

        _pumping = Task.Run(PumpAsync, CancellationToken.None);
    }

    private void OnOpened(SubscriptionOpening opening)
    {
        _isOpen = true;
        _broker.Reach.Worked();
        if (opening.Reconnects == 0)
        {
            Resume = (SdkOutcome)(int)opening.Resume;
        }
        else if (opening.Resume == Client.ResumeOutcome.Lost)
        {
            _hasLost = true;
        }
    }

    private void OnFault(SubscriptionFault fault)
    {
        _broker.Reach.Failed(fault.Exception);
        if (_isOpen)
        {
            if (TracksSettlement)
            {
                TellLost();
            }

            // An event that is gone ends the subscription, also where the client would look whether it comes back.
            if (fault.RetryAfter is null || fault.Exception.Code is ErrorCode.Aborted or ErrorCode.NotFound)
            {
                End(Ending(fault.Exception));
            }
        }
        else if (!RemoteErrors.IsOutage(fault.Exception.Code) || fault.ConsecutiveFailures > _broker.Retries)
        {
            _refusal = fault.Exception;
            _opening.Cancel();
        }
    }

    private static BrokerException Ending(EventBrokerException exception) => exception.Code == ErrorCode.NotFound
        ? BrokerErrors.SubscriptionEnded("the event was unregistered")
        : RemoteErrors.Translate(exception);
}
