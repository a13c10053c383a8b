using System.Collections.Concurrent;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Remote.Subscriptions;
using Microsoft.Extensions.Logging;

namespace EventBroker.Transport.Remote.Upstream;

/// <summary>What all views of one transport share.</summary>
internal sealed class UpstreamBroker(TransportCapabilities capabilities, Reach reach, int retries, TimeProvider time, ILogger logger)
{
    private readonly ConcurrentDictionary<RemoteSubscription, bool> _subscriptions = new();
    private long _position;
    private bool _isClosed;

    public TransportCapabilities Capabilities => capabilities;

    public Reach Reach => reach;

    public int Retries => retries;

    public TimeProvider Time => time;

    public ILogger Logger => logger;

    public int SubscriptionCount => _subscriptions.Count;

    public bool IsClosed => Volatile.Read(ref _isClosed);

    /// <summary>Counts deliveries: the broker behind keeps the places of messages to itself.</summary>
    public ulong NextPosition() => (ulong)Interlocked.Increment(ref _position);

    public void ThrowIfClosed()
    {
        if (IsClosed)
        {
            throw BrokerErrors.TransportClosed();
        }
    }

    public void Add(RemoteSubscription subscription)
    {
        _subscriptions.TryAdd(subscription, true);

        // Closing may not have seen this one.
        ThrowIfClosed();
    }

    public void Remove(RemoteSubscription subscription) => _subscriptions.TryRemove(subscription, out _);

    /// <summary>Ends all subscriptions.</summary>
    /// <returns>False if that was done before.</returns>
    public async ValueTask<bool> TryCloseAsync()
    {
        if (Interlocked.Exchange(ref _isClosed, true))
        {
            return false;
        }

        foreach (var (subscription, _) in _subscriptions)
        {
            subscription.End(BrokerErrors.TransportClosed());
            await subscription.DisposeAsync();
        }

        return true;
    }
}
