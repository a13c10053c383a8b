using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Memory.Tests.Hosts;

/// <summary>One host of several over a backend that outlives them, played by a memory transport: it shows that what the transport does for one
/// holds for two and over a restart, and runs what the conformance suite asks of a durable transport that redelivers.</summary>
internal sealed class HostOverMemory(MemoryTransport backend) : ITransport
{
    private readonly Lock _gate = new();
    private readonly List<HostedSubscription> _subscriptions = [];
    private bool _isClosed;

    public TransportCapabilities Capabilities { get; } = new(
        backend.Capabilities.Guarantee, backend.Capabilities.Declared.Append(TransportCapability.Durable))
    {
        MaxCursorLength = backend.Capabilities.MaxCursorLength,
        EventOptions = backend.Capabilities.EventOptions,
    };

    public ValueTask RegisterAsync(string eventName, EventOptions options, CancellationToken cancellationToken) =>
        Backend().RegisterAsync(eventName, options, cancellationToken);

    public ValueTask UnregisterAsync(string eventName, CancellationToken cancellationToken) =>
        Backend().UnregisterAsync(eventName, cancellationToken);

    public ValueTask<IReadOnlyCollection<string>> ListAsync(CancellationToken cancellationToken) => Backend().ListAsync(cancellationToken);

    public ValueTask<EventDescription> DescribeAsync(string eventName, CancellationToken cancellationToken) =>
        Backend().DescribeAsync(eventName, cancellationToken);

    public ValueTask SeekAsync(string eventName, SeekRequest request, CancellationToken cancellationToken) =>
        Backend().SeekAsync(eventName, request, cancellationToken);

    public ValueTask<PublishReceipt> PublishAsync(string eventName, TransportMessage message, CancellationToken cancellationToken) =>
        Backend().PublishAsync(eventName, message, cancellationToken);

    public ValueTask PublishAsync(string eventName, PublishBatch batch, CancellationToken cancellationToken) =>
        Backend().PublishAsync(eventName, batch, cancellationToken);

    public async ValueTask<ITransportSubscription> SubscribeAsync(
        string eventName, SubscribeOptions options, ISubscriber subscriber, CancellationToken cancellationToken)
    {
        var opened = new HostedSubscription(
            await Backend().SubscribeAsync(eventName, options, subscriber, cancellationToken), subscriber, Forget);
        lock (_gate)
        {
            if (!_isClosed)
            {
                _subscriptions.Add(opened);
                return opened;
            }
        }

        await opened.DisposeAsync();
        throw BrokerErrors.TransportClosed();
    }

    public ValueTask<TransportHealth> CheckHealthAsync(CancellationToken cancellationToken) => _isClosed
        ? ValueTask.FromResult(new TransportHealth { Status = TransportHealthStatus.Unhealthy, Message = BrokerErrors.TransportClosed().Message })
        : backend.CheckHealthAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        List<HostedSubscription> left;
        lock (_gate)
        {
            _isClosed = true;
            left = [.. _subscriptions];
            _subscriptions.Clear();
        }

        foreach (var subscription in left)
        {
            await subscription.EndAsync();
        }
    }

    private void Forget(HostedSubscription subscription)
    {
        lock (_gate)
        {
            _subscriptions.Remove(subscription);
        }
    }

    private MemoryTransport Backend() => _isClosed ? throw BrokerErrors.TransportClosed() : backend;
}
