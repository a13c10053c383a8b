using System.Collections.Frozen;
using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using Microsoft.Extensions.Logging;

namespace EventBroker.Broker.Routing;

/// <summary>Finds the transport that carries an event: the first route whose pattern matches.</summary>
internal sealed class RouteTable
{
    private readonly (string Pattern, RoutedTransport Transport)[] _routes;

    public RouteTable(
        BrokerSetup setup, Func<Caller, string, CancellationToken, ValueTask<bool>> register, TimeProvider time, ILogger logger)
    {
        var transports = setup.Transports.ToFrozenDictionary(
            static pair => pair.Key,
            pair => new RoutedTransport(pair.Key, pair.Value, new TransportTrouble(pair.Key, time, logger)),
            StringComparer.Ordinal);
        Transports = transports.Values;
        _routes = new (string, RoutedTransport)[setup.Routes.Count];
        for (var i = 0; i < _routes.Length; i++)
        {
            var route = setup.Routes[i];
            if (!transports.TryGetValue(route.Transport, out var transport))
            {
                throw new ArgumentException(
                    $"route {i} ('{route.Events}') names the transport '{route.Transport}', which does not exist", nameof(setup));
            }

            _routes[i] = (route.Events, route.AutoRegister ? transport.RegisteringBy(register) : transport);
        }
    }

    public IReadOnlyList<RoutedTransport> Transports { get; }

    /// <summary>The transport that carries an event.</summary>
    /// <exception cref="BrokerException">No route matches.</exception>
    public RoutedTransport Find(string eventName)
    {
        foreach (var (pattern, transport) in _routes)
        {
            if (EventPattern.Matches(pattern, eventName))
            {
                return transport;
            }
        }

        throw new BrokerException(
            BrokerErrorCode.FailedPrecondition,
            $"no route carries the event '{eventName}': add one to \"routes\" in plugins.json");
    }

    public bool Carries(RoutedTransport transport, string eventName)
    {
        foreach (var (pattern, candidate) in _routes)
        {
            if (EventPattern.Matches(pattern, eventName))
            {
                return ReferenceEquals(candidate.Transport, transport.Transport);
            }
        }

        return false;
    }
}
