using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;

namespace EventBroker.Sdk.Tests.Transports.Bare;

/// <summary>A transport that can do as little as the contract allows: it keeps nothing, hands a message to whoever is
/// subscribed right now and refuses the rest. What it can do beyond broadcast, or instead, is for the test to say.</summary>
internal sealed class BareTransport(bool broadcasts, params TransportCapability[] more) : ITransport
{
    private readonly Dictionary<string, BareEvent> _events = new(StringComparer.Ordinal);
    private bool _isClosed;

    public BareTransport(params TransportCapability[] more)
        : this(true, more)
    {
    }

    public TransportCapabilities Capabilities { get; } = new(
        DeliveryGuarantee.AtMostOnce, broadcasts ? [TransportCapability.Broadcast, .. more] : more);

    /// <summary>Gets or sets what settling waits for: nothing unless a test says otherwise.</summary>
    public Task Settled { get; set; } = Task.CompletedTask;

    /// <summary>Gets or sets how long it takes to open a subscription.</summary>
    public Task Opened { get; set; } = Task.CompletedTask;

    /// <summary>Gets or sets what settling throws; null for nothing.</summary>
    public Exception? SettleFailure { get; set; }

    // One lock for everything: nobody measures this one.
    internal Lock Gate { get; } = new();

    public ValueTask RegisterAsync(string eventName, EventOptions options, CancellationToken cancellationToken)
    {
        lock (Gate)
        {
            ThrowIfClosed();
            foreach (var option in options.GetSet())
            {
                throw BrokerErrors.OptionNotSupported("bare", option.ToString(), "it keeps nothing");
            }

            return _events.TryAdd(eventName, new BareEvent()) ? default : throw BrokerErrors.EventAlreadyRegistered();
        }
    }

    public ValueTask UnregisterAsync(string eventName, CancellationToken cancellationToken)
    {
        lock (Gate)
        {
            Find(eventName).End(static () => BrokerErrors.SubscriptionEnded("the event was unregistered"));
            _events.Remove(eventName);
        }

        return default;
    }

    public ValueTask<IReadOnlyCollection<string>> ListAsync(CancellationToken cancellationToken) =>
        throw new NotSupportedException("the contract says that this is not called where listing is unsupported");

    public ValueTask<PublishReceipt> PublishAsync(string eventName, TransportMessage message, CancellationToken cancellationToken)
    {
        lock (Gate)
        {
            return new(Find(eventName).Publish(message));
        }
    }

    public ValueTask PublishAsync(string eventName, PublishBatch batch, CancellationToken cancellationToken)
    {
        lock (Gate)
        {
            var found = Find(eventName);
            for (var i = 0; i < batch.Count; i++)
            {
                try
                {
                    batch.Accept(i, found.Publish(batch[i]));
                }
                catch (BrokerException failure)
                {
                    batch.Fail(i, failure);
                }
            }
        }

        return default;
    }

    public async ValueTask<ITransportSubscription> SubscribeAsync(
        string eventName, SubscribeOptions options, ISubscriber subscriber, CancellationToken cancellationToken)
    {
        await Opened;
        lock (Gate)
        {
            var found = Find(eventName);
            Refuse(options);
            return found.Subscribe(this, options, subscriber);
        }
    }

    public ValueTask<TransportHealth> CheckHealthAsync(CancellationToken cancellationToken) =>
        new(new TransportHealth { Status = _isClosed ? TransportHealthStatus.Unhealthy : TransportHealthStatus.Healthy });

    public ValueTask DisposeAsync()
    {
        lock (Gate)
        {
            _isClosed = true;
            foreach (var each in _events.Values)
            {
                each.End(BrokerErrors.TransportClosed);
            }
        }

        return default;
    }

    private BareEvent Find(string eventName)
    {
        ThrowIfClosed();
        return _events.TryGetValue(eventName, out var found) ? found : throw BrokerErrors.EventNotRegistered();
    }

    private void ThrowIfClosed()
    {
        if (_isClosed)
        {
            throw BrokerErrors.TransportClosed();
        }
    }

    // The broker asks first; the suite sees to it that a transport does not rely on that.
    private void Refuse(SubscribeOptions options)
    {
        var refused = options switch
        {
            { Mode: DeliveryMode.WorkerPool } when !Capabilities.Has(TransportCapability.WorkerGroups) => "delivery_mode=worker_pool",
            { Mode: DeliveryMode.Broadcast } when !Capabilities.Has(TransportCapability.Broadcast) => "delivery_mode=broadcast",
            { Start: StartPosition.Beginning or StartPosition.Timestamp } => "start_from",
            { ResumeAfter: not null } => "resume_after",
            { Mode: DeliveryMode.Broadcast, ConsumerId.Length: > 0 } => "consumer_id",
            _ => null,
        };
        if (refused is not null)
        {
            throw BrokerErrors.OptionNotSupported("bare", refused, "leave it out");
        }
    }
}
