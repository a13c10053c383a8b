using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Memory.Events;
using EventBroker.Transport.Memory.Storage;
using Microsoft.Extensions.Logging;

namespace EventBroker.Transport.Memory;

/// <summary>Keeps events in the memory of the process: one shared log per event, a cursor per subscriber.</summary>
public sealed class MemoryTransport : ITransport
{
    private readonly string _name;
    private readonly MemorySettings _settings;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly MemoryMetrics _metrics;
    private readonly StorageBudget _budget;
    private readonly ConcurrentDictionary<string, EventEntry> _events = new(StringComparer.Ordinal);
    private readonly Lock _registration = new();
    private readonly Lock _trimming = new();
    private readonly ITimer _housekeeping;
    private volatile bool _isClosed;
    private int _eventCount;

    /// <summary>Initializes an empty transport.</summary>
    /// <param name="name">The transport's name, for errors and metrics.</param>
    /// <param name="settings">What it keeps, and for how long.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="meter">Gets the counter <c>eventbroker.memory.missed</c>.</param>
    /// <param name="logger">The logger.</param>
    public MemoryTransport(string name, MemorySettings settings, TimeProvider timeProvider, Meter meter, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(timeProvider);
        ArgumentNullException.ThrowIfNull(meter);
        _name = name;
        _settings = settings;
        _clock = timeProvider;
        _logger = logger;
        _metrics = new MemoryMetrics(name, meter);
        _budget = new StorageBudget(settings.MaxTotalBytes.Bytes);

        // Appends and reads enforce the age by themselves; this gives the memory of silent events back.
        var period = TimeSpan.FromTicks(Math.Clamp(
            settings.Retention.Ticks / 10, TimeSpan.TicksPerSecond, TimeSpan.TicksPerMinute));
        _housekeeping = timeProvider.CreateTimer(
            static transport => ((MemoryTransport)transport!).ExpireAll(), this, period, period);
    }

    /// <inheritdoc/>
    public TransportCapabilities Capabilities { get; } = new(
        DeliveryGuarantee.AtLeastOnce,
        Enum.GetValues<TransportCapability>()
            .Where(static c => c is not (TransportCapability.Durable or TransportCapability.Deduplication))
            .ToDictionary(static c => c, static _ => CapabilitySupport.Native));

    /// <inheritdoc/>
    public ValueTask RegisterAsync(string eventName, CancellationToken cancellationToken)
    {
        lock (_registration)
        {
            ThrowIfClosed();
            if (_events.ContainsKey(eventName))
            {
                throw BrokerErrors.EventAlreadyRegistered();
            }

            if (_eventCount >= _settings.MaxEvents)
            {
                throw new BrokerException(
                    BrokerErrorCode.ResourceExhausted,
                    $"transport '{_name}' holds {_eventCount} events already, the most that it allows");
            }

            _events[eventName] = new EventEntry(_name, _settings, _clock, _budget, _metrics, _logger);
            _eventCount++;
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask UnregisterAsync(string eventName, CancellationToken cancellationToken)
    {
        EventEntry? entry;
        lock (_registration)
        {
            ThrowIfClosed();
            if (!_events.TryRemove(eventName, out entry))
            {
                throw BrokerErrors.EventNotRegistered();
            }

            _eventCount--;
        }

        entry.End(
            static () => BrokerErrors.SubscriptionEnded("the event was unregistered"), BrokerErrors.EventNotRegistered);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyCollection<string>> ListAsync(CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        return ValueTask.FromResult<IReadOnlyCollection<string>>([.. _events.Keys]);
    }

    /// <inheritdoc/>
    public ValueTask PublishAsync(string eventName, EncodedMessage message, CancellationToken cancellationToken)
    {
        var entry = Find(eventName);
        if (entry.Append(message))
        {
            TrimTotal(entry);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask PublishAsync(string eventName, PublishBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var entry = Find(eventName);
        if (batch.Count > 0 && entry.Append(batch))
        {
            TrimTotal(entry);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<ITransportSubscription> SubscribeAsync(
        string eventName, SubscribeOptions options, IReadySignal ready, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(ready);
        return ValueTask.FromResult<ITransportSubscription>(Find(eventName).Subscribe(options, ready));
    }

    /// <inheritdoc/>
    public ValueTask<TransportHealth> CheckHealthAsync(CancellationToken cancellationToken)
    {
        var events = 0;
        long messages = 0;
        var subscriptions = 0;
        foreach (var (_, entry) in _events)
        {
            events++;
            messages += entry.Log.RetainedMessages;
            subscriptions += entry.SubscriptionCount;
        }

        return ValueTask.FromResult(new TransportHealth
        {
            Status = _isClosed ? TransportHealthStatus.Unhealthy : TransportHealthStatus.Healthy,
            Message = _isClosed ? "the transport is closed" : "",
            Details = new Dictionary<string, string>
            {
                ["events"] = events.ToString(CultureInfo.InvariantCulture),
                ["retained_messages"] = messages.ToString(CultureInfo.InvariantCulture),
                ["retained_bytes"] = _budget.Held.ToString(CultureInfo.InvariantCulture),
                ["subscriptions"] = subscriptions.ToString(CultureInfo.InvariantCulture),
                ["missed"] = _metrics.Missed.ToString(CultureInfo.InvariantCulture),
            },
        });
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lock (_registration)
        {
            if (_isClosed)
            {
                return;
            }

            _isClosed = true;
        }

        await _housekeeping.DisposeAsync();
        foreach (var (name, entry) in _events)
        {
            entry.End(BrokerErrors.TransportClosed, BrokerErrors.TransportClosed);
            _events.TryRemove(name, out _);
        }
    }

    private EventEntry Find(string eventName)
    {
        if (_events.TryGetValue(eventName, out var entry))
        {
            return entry;
        }

        ThrowIfClosed();
        throw BrokerErrors.EventNotRegistered();
    }

    private void ThrowIfClosed()
    {
        if (_isClosed)
        {
            throw BrokerErrors.TransportClosed();
        }
    }

    private void ExpireAll()
    {
        var now = _clock.GetUtcNow().UtcTicks;
        foreach (var (_, entry) in _events)
        {
            entry.Log.Expire(now);
        }
    }

    /// <summary>Drops the oldest slabs among all events until the total is within its limit again. Never the one that was
    /// just opened: a publish is not undone by itself.</summary>
    private void TrimTotal(EventEntry publishing)
    {
        if (!_budget.IsExceeded)
        {
            return;
        }

        lock (_trimming)
        {
            while (_budget.IsExceeded)
            {
                EventEntry? victim = null;
                var oldest = long.MaxValue;
                foreach (var (_, entry) in _events)
                {
                    var ticks = entry.Log.GetOldestSlabTicks(spareLast: entry == publishing);
                    if (ticks < oldest)
                    {
                        (victim, oldest) = (entry, ticks);
                    }
                }

                if (victim is null)
                {
                    return;
                }

                victim.Log.DropOldestSlab();
            }
        }
    }
}
