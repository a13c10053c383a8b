using System.Diagnostics.Metrics;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Redis.Backend;
using EventBroker.Transport.Redis.Events;
using EventBroker.Transport.Redis.Messages;
using EventBroker.Transport.Redis.Settings;
using Microsoft.Extensions.Logging;

namespace EventBroker.Transport.Redis;

/// <summary>Keeps events in Redis Streams. Any number of brokers may use the same Redis: what they share is there, and nowhere else.</summary>
public sealed partial class RedisTransport : ITransport
{
    private readonly RedisState _state;
    private readonly EventTable _events;
    private volatile bool _isClosed;

    private RedisTransport(RedisState state)
    {
        _state = state;
        _events = new EventTable(state);
        state.Backend.WhenRestored = OnRestored;
        Capabilities = MakeCapabilities(state.Settings);
    }

    /// <inheritdoc/>
    public TransportCapabilities Capabilities { get; }

    /// <summary>Connects to Redis.</summary>
    /// <param name="name">The transport's name, for errors and metrics.</param>
    /// <param name="settings">Which Redis, and how.</param>
    /// <param name="timeProvider">The clock of this host. Times of messages, delays and ages are Redis' own.</param>
    /// <param name="meter">Gets the counters <c>eventbroker.redis.published</c>, <c>.duplicates</c>, <c>.delivered</c>, <c>.claimed</c>,
    /// <c>.lost</c>, <c>.missed</c>, <c>.reconnects</c> and <c>.pending</c>.</param>
    /// <param name="logger">The logger.</param>
    /// <param name="cancellationToken">Ends the wait for Redis.</param>
    /// <returns>The transport.</returns>
    /// <exception cref="BrokerException"><see cref="BrokerErrorCode.Unavailable"/>: Redis does not answer;
    /// <see cref="BrokerErrorCode.FailedPrecondition"/>: it can't be used; <see cref="BrokerErrorCode.InvalidArgument"/>: the settings
    /// name a file that can't be used. The message says what to do.</exception>
    public static async Task<RedisTransport> StartAsync(
        string name, RedisSettings settings, TimeProvider timeProvider, Meter meter, ILogger logger, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var distrust = new Distrust();
        var options = ConnectionOptions.Make(settings, distrust);
        var backend = await RedisBackend.ConnectAsync(settings, options, distrust, timeProvider, logger, cancellationToken);
        return new RedisTransport(new RedisState(name, settings, backend, timeProvider, new RedisMetrics(name, meter), logger));
    }

    /// <inheritdoc/>
    public async ValueTask<ITransportSubscription> SubscribeAsync(
        string eventName, SubscribeOptions options, ISubscriber subscriber, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(subscriber);

        // Registered anew meanwhile: then it is the new one that is subscribed to.
        for (var attempt = 0; attempt < 3; attempt++)
        {
            var entry = await _events.FindAsync(eventName).WaitAsync(cancellationToken);
            var opening = entry.SubscribeAsync(options, subscriber);
            try
            {
                if (await opening.WaitAsync(cancellationToken) is { } subscription)
                {
                    return subscription;
                }
            }
            catch (OperationCanceledException) when (!opening.IsCompleted)
            {
                _ = CloseLateAsync(opening);
                throw;
            }
        }

        ThrowIfClosed();
        throw BrokerErrors.EventNotRegistered();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isClosed, true))
        {
            return;
        }

        _state.Backend.WhenRestored = null;
        await _events.CloseAsync();
        await _state.Backend.DisposeAsync();
    }

    private static TransportCapabilities MakeCapabilities(RedisSettings settings)
    {
        List<TransportCapability> declared =
        [
            TransportCapability.Durable,
            TransportCapability.ReplayFromBeginning,
            TransportCapability.ReplayFromTimestamp,
            TransportCapability.ReplayFromCursor,
            TransportCapability.WorkerGroups,
            TransportCapability.Broadcast,
            TransportCapability.ConsumerResume,
            TransportCapability.Redelivery,
            TransportCapability.RedeliveryDelay,
            TransportCapability.Ordering,
            TransportCapability.EventListing,
            TransportCapability.EventDescription,
            TransportCapability.Seek,
        ];
        if (settings.DeduplicationWindow > TimeSpan.Zero)
        {
            declared.Add(TransportCapability.Deduplication);
        }

        return new TransportCapabilities(DeliveryGuarantee.AtLeastOnce, declared)
        {
            MaxCursorLength = RedisCursor.MaxLength,
            RenewalInterval = settings.IdleLimit / 3,
            EventOptions = Registration.Known,
        };
    }

    // Nobody waits for it any more.
    private static async Task CloseLateAsync(Task<Subscriptions.RedisSubscription?> opening)
    {
        try
        {
            if (await opening is { } subscription)
            {
                await subscription.DisposeAsync();
            }
        }
        catch (BrokerException)
        {
            // It did not open.
        }
    }

    private void OnRestored()
    {
        _state.Metrics.Add(_state.Metrics.Reconnects, 1);
        _events.LookAgain();
    }

    private void ThrowIfClosed()
    {
        if (_isClosed)
        {
            throw BrokerErrors.TransportClosed();
        }
    }
}
