using EventBroker.Broker.Routing;
using EventBroker.Broker.Subscribing;
using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Plugins;
using EventBroker.Sdk.Transports;

namespace EventBroker.Broker;

// Events and plugins: what exists.
public sealed partial class MessageBroker
{
    /// <summary>Creates an event on the transport that its route names, and on no other.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="eventName">The event.</param>
    /// <param name="options">How it is kept.</param>
    /// <param name="cancellationToken">The call's end.</param>
    /// <returns>A task that ends when the event can be published to.</returns>
    /// <exception cref="BrokerException">ALREADY_EXISTS, INVALID_ARGUMENT, FAILED_PRECONDITION (an option that the transport does not
    /// know), RESOURCE_EXHAUSTED (too many events), a denial, or what the transport says.</exception>
    public async ValueTask RegisterAsync(Caller caller, string eventName, EventOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        CheckEventName(eventName);
        await _access.AuthorizeAsync(caller, BrokerOperation.Register, eventName, "", cancellationToken);
        var route = _routes.Find(eventName);
        EventOptionRules.Check(options, route);
        await MakeAsync(caller, eventName, options, route, cancellationToken);
    }

    // For routes that register by themselves. Whoever may not register is served as on any other route.
    private async ValueTask<bool> RegisterMissingAsync(Caller caller, string eventName, CancellationToken cancellationToken)
    {
        if (await _access.FindDenialAsync(caller, BrokerOperation.Register, eventName, "", cancellationToken) is not null)
        {
            return false;
        }

        try
        {
            await MakeAsync(caller, eventName, EventOptions.None, _routes.Find(eventName), cancellationToken);
        }
        catch (BrokerException exists) when (exists.Code == BrokerErrorCode.AlreadyExists)
        {
            // Somebody else was faster.
        }

        return true;
    }

    private async ValueTask MakeAsync(
        Caller caller, string eventName, EventOptions options, RoutedTransport route, CancellationToken cancellationToken)
    {
        var transport = route.For(caller);
        if (route.ListsEvents)
        {
            var names = await transport.ListAsync(cancellationToken);

            // A backend may hold things of others, which do not count.
            if (names.Count >= Options.MaxEvents && names.Count(n => IsEventOf(route, n)) >= Options.MaxEvents)
            {
                // One that exists is told so even at the limit.
                throw names.Contains(eventName, StringComparer.Ordinal)
                    ? BrokerErrors.EventAlreadyRegistered()
                    : new BrokerException(
                        BrokerErrorCode.ResourceExhausted,
                        $"transport '{route.Name}' has {Options.MaxEvents} events, which is the limit: unregister some or raise \"limits.maxEvents\"");
            }
        }

        await transport.RegisterAsync(eventName, options, cancellationToken);
        _awaited.Appeared(eventName);
    }

    /// <summary>Describes an event: its options, what it holds, its worker groups and consumer ids.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="eventName">The event.</param>
    /// <param name="cancellationToken">The call's end.</param>
    /// <returns>The description.</returns>
    /// <exception cref="BrokerException">NOT_FOUND, INVALID_ARGUMENT, FAILED_PRECONDITION (the transport can't), a denial, or what
    /// the transport says.</exception>
    public async ValueTask<EventDescription> DescribeAsync(Caller caller, string eventName, CancellationToken cancellationToken)
    {
        CheckEventName(eventName);
        await _access.AuthorizeAsync(caller, BrokerOperation.Describe, eventName, "", cancellationToken);
        var route = _routes.Find(eventName);
        return route.Capabilities.Has(TransportCapability.EventDescription)
            ? await route.For(caller).DescribeAsync(eventName, cancellationToken)
            : throw BrokerErrors.OptionNotSupported(route.Name, "describing an event", "it can't look into its backend");
    }

    /// <summary>Moves the place of a worker group or consumer id. What it held unsettled is its no more.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="eventName">The event.</param>
    /// <param name="request">Whose place, and where to.</param>
    /// <param name="cancellationToken">The call's end.</param>
    /// <returns>A task that ends when the place is moved.</returns>
    /// <exception cref="BrokerException">NOT_FOUND, INVALID_ARGUMENT, FAILED_PRECONDITION (the transport can't), a denial, or what
    /// the transport says.</exception>
    public async ValueTask SeekAsync(Caller caller, string eventName, SeekRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        CheckEventName(eventName);
        SubscribeRules.CheckSeek(request);
        var group = request.Kind == PlaceKind.WorkerGroup ? request.Name : "";
        await _access.AuthorizeAsync(caller, BrokerOperation.Seek, eventName, group, cancellationToken);
        var route = _routes.Find(eventName);
        SubscribeRules.CheckSupport(request, route);
        await route.For(caller).SeekAsync(eventName, request, cancellationToken);
    }

    /// <summary>Removes an event with its messages and ends its subscriptions.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="eventName">The event.</param>
    /// <param name="cancellationToken">The call's end.</param>
    /// <returns>A task that ends when the event is gone.</returns>
    /// <exception cref="BrokerException">NOT_FOUND, INVALID_ARGUMENT, a denial, or what the transport says.</exception>
    public async ValueTask UnregisterAsync(Caller caller, string eventName, CancellationToken cancellationToken)
    {
        CheckEventName(eventName);
        await _access.AuthorizeAsync(caller, BrokerOperation.Unregister, eventName, "", cancellationToken);
        await _routes.Find(eventName).For(caller).UnregisterAsync(eventName, cancellationToken);
    }

    /// <summary>Lists the events that the transports really hold and that routes lead to, sorted by ordinal.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="cancellationToken">The call's end.</param>
    /// <returns>The names.</returns>
    /// <exception cref="BrokerException">A denial, or what a transport says.</exception>
    public async ValueTask<IReadOnlyList<string>> ListAsync(Caller caller, CancellationToken cancellationToken)
    {
        await _access.AuthorizeAsync(caller, BrokerOperation.List, "", "", cancellationToken);
        var names = new List<string>();
        foreach (var transport in _routes.Transports)
        {
            if (!transport.ListsEvents)
            {
                // A part would look like the whole.
                throw new BrokerException(
                    BrokerErrorCode.FailedPrecondition, $"transport '{transport.Name}' can't list its events");
            }

            foreach (var name in await transport.For(caller).ListAsync(cancellationToken))
            {
                if (IsEventOf(transport, name))
                {
                    names.Add(name);
                }
            }
        }

        names.Sort(StringComparer.Ordinal);
        return names;
    }

    // A backend may hold things of others, such as Kafka's own topics.
    private bool IsEventOf(RoutedTransport transport, string name) => EventName.IsValid(name) && _routes.Carries(transport, name);

    /// <summary>Lists the plugins with their states and reasons, for operators.</summary>
    /// <param name="caller">Who asks; needs <see cref="BrokerOperation.Admin"/>.</param>
    /// <param name="cancellationToken">The call's end.</param>
    /// <returns>The plugins.</returns>
    /// <exception cref="BrokerException">A denial.</exception>
    public async ValueTask<IReadOnlyList<PluginStatus>> ListPluginsAsync(Caller caller, CancellationToken cancellationToken)
    {
        await AuthorizeOperatorAsync(caller, cancellationToken);
        return _setup.Plugins;
    }

    /// <summary>Authorizes what an endpoint offers to operators.</summary>
    /// <param name="caller">Who asks; needs <see cref="BrokerOperation.Admin"/>.</param>
    /// <param name="cancellationToken">The call's end.</param>
    /// <returns>A task that ends when the caller may.</returns>
    /// <exception cref="BrokerException">A denial.</exception>
    public ValueTask AuthorizeOperatorAsync(Caller caller, CancellationToken cancellationToken) =>
        _access.AuthorizeAsync(caller, BrokerOperation.Admin, "", "", cancellationToken);
}
