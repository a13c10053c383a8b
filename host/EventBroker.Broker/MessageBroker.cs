using EventBroker.Broker.Access;
using EventBroker.Broker.Health;
using EventBroker.Broker.Interception;
using EventBroker.Broker.Publishing;
using EventBroker.Broker.Routing;
using EventBroker.Broker.Subscribing;
using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Interception;
using EventBroker.Sdk.Messages;
using Microsoft.Extensions.Logging;

namespace EventBroker.Broker;

/// <summary>What every endpoint talks to: checks, authorizes, routes, intercepts, publishes, delivers and settles, once for
/// all protocols.</summary>
/// <remarks>Safe for concurrent use. Every failure that a caller may see is a <see cref="BrokerException"/>; anything else was
/// unforeseen and is INTERNAL. The broker keeps nothing that a restart may not lose, so any number of them run over one
/// backend.</remarks>
public sealed partial class MessageBroker : IAsyncDisposable
{
    private readonly BrokerSetup _setup;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly AccessControl _access;
    private readonly RouteTable _routes;
    private readonly TransportProbe _probe;
    private readonly SubscriptionRegistry _subscriptions;
    private readonly AwaitedEvents _awaited;
    private readonly MessageIdGenerator _ids = new();
    private readonly PublishChain? _publishChain;
    private readonly DeliverNext? _deliverChain;
    private readonly SettleNext? _settleChain;
    private readonly BrokerMetrics _metrics = new();
    private readonly CancellationTokenSource _draining = new();

    /// <summary>Initializes a broker that serves at once.</summary>
    /// <param name="setup">Its parts.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="loggerFactory">Where it logs.</param>
    /// <exception cref="ArgumentException">A route names a transport that does not exist.</exception>
    public MessageBroker(BrokerSetup setup, TimeProvider timeProvider, ILoggerFactory loggerFactory)
    {
        ArgumentNullException.ThrowIfNull(setup);
        _setup = setup;
        _time = timeProvider;
        _logger = loggerFactory.CreateLogger<MessageBroker>();
        _access = new AccessControl(setup.Authorizers, new Denials(_metrics, timeProvider, _logger));
        _routes = new RouteTable(setup, RegisterMissingAsync, timeProvider, _logger);
        _probe = new TransportProbe(_routes.Transports, timeProvider, _logger);
        _subscriptions = new SubscriptionRegistry(setup.Options.MaxSubscriptionsPerConnection, new ConsumerHolders(_logger));
        _awaited = new AwaitedEvents(timeProvider);
        _publishChain = PublishChain.From(setup.Interceptors);
        _deliverChain = InterceptorChain.ForDeliveries(setup.Interceptors);
        _settleChain = InterceptorChain.ForSettlements(setup.Interceptors);
    }

    /// <summary>Gets the limits and times in force.</summary>
    public BrokerOptions Options => _setup.Options;

    /// <summary>Gets a token that is cancelled when the broker begins to drain.</summary>
    public CancellationToken Draining => _draining.Token;

    /// <summary>Lets the authorizers look at a caller's credentials, before anything is done for it; once per caller.</summary>
    /// <param name="caller">Who calls.</param>
    /// <param name="cancellationToken">The call's end.</param>
    /// <returns>A task that ends when nobody objects; without waiting where no authorizer waits.</returns>
    /// <exception cref="BrokerException">There is no authorizer, or the caller's credentials are wrong.</exception>
    public ValueTask AuthenticateAsync(Caller caller, CancellationToken cancellationToken) => _access.AuthenticateAsync(caller, cancellationToken);

    /// <summary>Begins to drain: new subscriptions are refused with UNAVAILABLE and the open ones end with it, so that clients come
    /// back to another broker or later. Publishing and settling go on working until the process ends.</summary>
    /// <param name="cancellationToken">Gives up waiting for the subscriptions.</param>
    /// <returns>A task that ends when the endpoints have closed all subscriptions, and their unsettled messages are released.</returns>
    /// <exception cref="OperationCanceledException">Some were still open when the token was cancelled.</exception>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        if (!_draining.IsCancellationRequested)
        {
            BrokerLog.Draining(_logger, _subscriptions.Count);
            await _draining.CancelAsync();
        }

        _awaited.ReleaseAll();
        foreach (var subscription in _subscriptions.Open)
        {
            subscription.End(ShuttingDown());
        }

        await _subscriptions.WhenEmptyAsync(cancellationToken);
    }

    /// <summary>Ends all subscriptions.</summary>
    /// <returns>A task that ends when their transports know.</returns>
    public async ValueTask DisposeAsync()
    {
        await _draining.CancelAsync();
        _awaited.ReleaseAll();

        // At the same time, since each may wait for its transport.
        await Task.WhenAll(_subscriptions.Open.Select(static subscription =>
        {
            subscription.End(ShuttingDown());
            return subscription.DisposeAsync().AsTask();
        }));
        _awaited.Dispose();
        _metrics.Dispose();
    }

    private static BrokerException ShuttingDown() =>
        new(BrokerErrorCode.Unavailable, "the broker is shutting down: connect again");

    private static void CheckEventName(string eventName)
    {
        if (FindFault(eventName) is { } fault)
        {
            throw fault;
        }
    }

    private static BrokerException? FindFault(string eventName) => EventName.IsValid(eventName)
        ? null
        : new BrokerException(BrokerErrorCode.InvalidArgument, string.IsNullOrEmpty(eventName) ? "event name is required" : EventName.Rule);
}
