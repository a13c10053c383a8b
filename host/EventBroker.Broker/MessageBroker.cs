#pragma warning disable MA0025, CS1591, CS1573, CA1801, IDE0060
using EventBroker.Broker.Health;
using EventBroker.Broker.Publishing;
using EventBroker.Broker.Settling;
using EventBroker.Broker.Subscribing;
using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Plugins;
using Microsoft.Extensions.Logging;

namespace EventBroker.Broker;

/// <summary>What every endpoint talks to: routes, authorizes, intercepts, publishes, delivers and settles, once for all protocols.</summary>
/// <remarks>Every failure that a caller may see is a <see cref="BrokerException"/>; anything else was unforeseen and is INTERNAL.</remarks>
public sealed class MessageBroker : IAsyncDisposable
{
    public MessageBroker(BrokerSetup setup, TimeProvider timeProvider, ILoggerFactory loggerFactory)
    {
    }

    /// <summary>Gets the limits and times in force.</summary>
    public BrokerOptions Options => throw new NotImplementedException();

    /// <summary>Gets a token that is cancelled when the broker begins to drain.</summary>
    public CancellationToken Draining => throw new NotImplementedException();

    public ValueTask RegisterAsync(Caller caller, string eventName, CancellationToken cancellationToken) => throw new NotImplementedException();

    public ValueTask UnregisterAsync(Caller caller, string eventName, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Lists all events, sorted by ordinal.</summary>
    public ValueTask<IReadOnlyList<string>> ListAsync(Caller caller, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Publishes one message; the encoder holds id (if given), source, payload, metadata. Returns the id as UTF-8.</summary>
    public ValueTask<ReadOnlyMemory<byte>> PublishAsync(Caller caller, string eventName, MessageEncoder message, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Publishes several messages, each of which succeeds or fails on its own (noted in the items).</summary>
    public ValueTask PublishAsync(Caller caller, IReadOnlyList<PublishItem> items, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Checks, authorizes and opens a subscription. Dispose it when the stream ends.</summary>
    public ValueTask<BrokerSubscription> SubscribeAsync(Caller caller, SubscribeRequest request, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Settles deliveries; the results are written into the entries.</summary>
    public ValueTask SettleAsync(Caller caller, Memory<SettleEntry> entries, CancellationToken cancellationToken) => throw new NotImplementedException();

    public ValueTask<BrokerHealth> CheckHealthAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Lists the plugins, for operators (operation Admin).</summary>
    public ValueTask<IReadOnlyList<PluginStatus>> ListPluginsAsync(Caller caller, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Begins to drain: new publishes and subscriptions are refused with UNAVAILABLE, open subscriptions end with it;
    /// completes when all subscriptions are disposed or the token is cancelled.</summary>
    public Task DrainAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
