using EventBroker.Broker.Routing;
using EventBroker.Broker.Settling;
using EventBroker.Broker.Subscribing;
using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;

namespace EventBroker.Broker;

// From the transport to the subscriber.
public sealed partial class MessageBroker
{
    /// <summary>Checks a request to subscribe, authorizes it and opens the subscription: a message published from now on
    /// reaches it.</summary>
    /// <param name="caller">Who subscribes.</param>
    /// <param name="request">What for.</param>
    /// <param name="cancellationToken">Gives up opening it.</param>
    /// <returns>The subscription; whoever gets it disposes it.</returns>
    /// <exception cref="BrokerException">NOT_FOUND, INVALID_ARGUMENT, FAILED_PRECONDITION (the transport can't),
    /// RESOURCE_EXHAUSTED (too many on the connection), UNAVAILABLE (draining), ABORTED (the caller has lost the consumer id to somebody else
    /// and does not ask for it), a denial, or what the transport says.</exception>
    public async ValueTask<BrokerSubscription> SubscribeAsync(
        Caller caller, SubscribeRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        CheckEventName(request.EventName);
        var isForeign = request.ComesBack && !SubscribeRules.MayBeCursor(request);
        var options = SubscribeRules.Complete(isForeign ? request with { ResumeAfter = null } : request, Options);
        await _access.AuthorizeAsync(
            caller, BrokerOperation.Subscribe, request.EventName, request.WorkerGroup, cancellationToken);
        var route = _routes.Find(request.EventName);
        if (isForeign || (request.ComesBack && !route.Capabilities.Has(TransportCapability.ReplayFromCursor)))
        {
            isForeign = true;
            options = SubscribeRules.Complete(SubscribeRules.WithoutPlace(request, route), Options);
        }

        SubscribeRules.CheckSupport(options, route);
        ThrowIfDraining();

        _subscriptions.EnterConnection(caller.ConnectionId);
        var setup = new SubscriptionSetup
        {
            EventName = request.EventName,
            Caller = caller,
            Options = options,
            Route = route,
            AutoAck = request.AutoAck,
            Limits = Options,
            LargestMessage = LargestMessage(route),
        };
        var subscription = new BrokerSubscription(setup, _subscriptions, _deliverChain, _metrics, _time, _logger);
        _subscriptions.Add(subscription);
        try
        {
            _subscriptions.Holders.Enter(subscription, request, caller);
            subscription.HasLostPlace = isForeign && options.Mode != DeliveryMode.WorkerPool;
            var source = await OpenAsync(caller, request, options, route, subscription, cancellationToken);
            if (!subscription.TryAttach(source))
            {
                // Nobody but a broker that is disposed itself ends a subscription that nobody has yet.
                await source.DisposeAsync();
                throw ShuttingDown();
            }

            _subscriptions.Holders.Opened(subscription);

            // Draining may have begun meanwhile and not have seen this one.
            ThrowIfDraining();
            return subscription;
        }
        catch
        {
            await subscription.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens a subscription to an event that is not registered now, once it is; what is published before the subscription is open
    /// reaches it as well, where the transport keeps messages.</summary>
    /// <param name="caller">Who subscribes. Authorized each time that the event may be there.</param>
    /// <param name="request">What for.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The subscription; whoever gets it disposes it.</returns>
    /// <exception cref="BrokerException">As <see cref="SubscribeAsync"/>, but never NOT_FOUND; UNAUTHENTICATED if the caller's identity
    /// expires meanwhile.</exception>
    public async ValueTask<BrokerSubscription> SubscribeWhenRegisteredAsync(
        Caller caller, SubscribeRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(request);
        CheckEventName(request.EventName);
        using var wait = _awaited.Enter(request.EventName, caller);
        var fromFirst = FromFirstMessage(request);
        while (true)
        {
            try
            {
                var subscription = await SubscribeAsync(caller, fromFirst, cancellationToken);
                _awaited.Appeared(request.EventName);
                return subscription;
            }
            catch (BrokerException missing) when (missing.Code == BrokerErrorCode.NotFound)
            {
                // Not there yet.
            }

            _subscriptions.EnterConnection(caller.ConnectionId);
            try
            {
                await wait.WaitAsync(cancellationToken);
            }
            finally
            {
                _subscriptions.LeaveConnection(caller.ConnectionId);
            }

            if (caller.ExpiresAt <= _time.GetUtcNow())
            {
                throw new BrokerException(BrokerErrorCode.Unauthenticated, "the caller's identity has expired: authenticate again");
            }
        }
    }

    // Whoever wants what comes from now on wants all of an event that is not there yet.
    private SubscribeRequest FromFirstMessage(SubscribeRequest request) =>
        string.IsNullOrEmpty(request.ResumeAfter)
        && request.Start is (StartPosition.Unspecified or StartPosition.Latest)
        && _routes.Find(request.EventName).Capabilities.Has(TransportCapability.ReplayFromBeginning)
            ? request with { Start = StartPosition.Beginning }
            : request;

    // Only the transport can read its cursors.
    private async ValueTask<ITransportSubscription> OpenAsync(
        Caller caller,
        SubscribeRequest request,
        SubscribeOptions options,
        RoutedTransport route,
        BrokerSubscription subscription,
        CancellationToken cancellationToken)
    {
        var transport = route.For(caller);
        try
        {
            return await SubscribeOrRegisterAsync(options);
        }
        catch (BrokerException refusal) when (refusal.Code == BrokerErrorCode.InvalidArgument && request.ComesBack && options.ResumeAfter is not null)
        {
            _subscriptions.Holders.Enter(subscription, request, caller);
            subscription.HasLostPlace = true;
            var anew = SubscribeRules.Complete(SubscribeRules.WithoutPlace(request, route), Options);
            return await SubscribeOrRegisterAsync(anew);
        }

        async ValueTask<ITransportSubscription> SubscribeOrRegisterAsync(SubscribeOptions wanted)
        {
            try
            {
                return await transport.SubscribeAsync(request.EventName, wanted, subscription, cancellationToken);
            }
            catch (BrokerException missing) when (missing.Code == BrokerErrorCode.NotFound && route.Register is not null)
            {
                if (!await route.Register(caller, request.EventName, cancellationToken))
                {
                    throw;
                }

                return await transport.SubscribeAsync(request.EventName, wanted, subscription, cancellationToken);
            }
        }
    }

    // What can be delivered with everything that a delivery adds is what may be published.
    private int LargestMessage(RoutedTransport route) => Math.Min(
        Options.MaxMessageBytes - DeliveryEnvelope.Largest(route.Declared), route.Declared.MaxMessageBytes ?? int.MaxValue);

    private void ThrowIfDraining()
    {
        if (_draining.IsCancellationRequested)
        {
            throw ShuttingDown();
        }
    }
}
