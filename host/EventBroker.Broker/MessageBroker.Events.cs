using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Plugins;

namespace EventBroker.Broker;

// Events and plugins: what exists.
public sealed partial class MessageBroker
{
    /// <summary>Creates an event on the transport that its route names.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="eventName">The event.</param>
    /// <param name="cancellationToken">The call's end.</param>
    /// <returns>A task that ends when the event can be published to.</returns>
    /// <exception cref="BrokerException">ALREADY_EXISTS, INVALID_ARGUMENT, RESOURCE_EXHAUSTED (too many events), a denial, or
    /// what the transport says.</exception>
    public async ValueTask RegisterAsync(Caller caller, string eventName, CancellationToken cancellationToken)
    {
        CheckEventName(eventName);
        await _access.AuthorizeAsync(caller, BrokerOperation.Register, eventName, "", cancellationToken);
        var route = _routes.Find(eventName);
        var carrier = route.For(caller);
        var count = 0;
        foreach (var transport in _routes.Transports.Where(static t => t.ListsEvents))
        {
            var view = ReferenceEquals(transport, route) ? carrier : transport.For(caller);
            count += (await view.ListAsync(cancellationToken)).Count;
        }

        if (count >= Options.MaxEvents)
        {
            // One that exists is told so even at the limit.
            if (route.ListsEvents && (await carrier.ListAsync(cancellationToken)).Contains(eventName, StringComparer.Ordinal))
            {
                throw BrokerErrors.EventAlreadyRegistered();
            }

            throw new BrokerException(
                BrokerErrorCode.ResourceExhausted,
                $"there are {Options.MaxEvents} events, which is the limit: unregister some or raise \"limits.maxEvents\"");
        }

        await carrier.RegisterAsync(eventName, cancellationToken);
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
                // A backend may hold things of others, such as Kafka's own topics.
                if (EventName.IsValid(name) && _routes.Carries(transport, name))
                {
                    names.Add(name);
                }
            }
        }

        names.Sort(StringComparer.Ordinal);
        return names;
    }

    /// <summary>Lists the plugins with their states and reasons, for operators.</summary>
    /// <param name="caller">Who asks; needs <see cref="BrokerOperation.Admin"/>.</param>
    /// <param name="cancellationToken">The call's end.</param>
    /// <returns>The plugins.</returns>
    /// <exception cref="BrokerException">A denial.</exception>
    public async ValueTask<IReadOnlyList<PluginStatus>> ListPluginsAsync(Caller caller, CancellationToken cancellationToken)
    {
        await _access.AuthorizeAsync(caller, BrokerOperation.Admin, "", "", cancellationToken);
        return _setup.Plugins;
    }
}
