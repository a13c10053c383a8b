using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.Json;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Local;
using EventBroker.Transport.Local.Places;
using EventBroker.Transport.Memory.Storage;
using Microsoft.Extensions.Logging;

namespace EventBroker.Transport.Memory;

/// <summary>Keeps events in the memory of the process: one shared log per event, a cursor per subscriber.</summary>
public sealed partial class MemoryTransport : ITransport
{
    private readonly LocalState _state;
    private readonly MemorySettings _settings;
    private readonly StorageBudget _storage;
    private readonly ConcurrentDictionary<string, EventEntry> _events = new(StringComparer.Ordinal);
    private readonly Lock _registration = new();
    private readonly Lock _trimming = new();
    private readonly ITimer _housekeeping;
    private TimeSpan _housekeepingPeriod;
    private volatile bool _isClosed;
    private int _eventCount;

    /// <summary>Initializes an empty transport.</summary>
    /// <param name="name">The transport's name, for errors and metrics.</param>
    /// <param name="settings">What it keeps, and for how long.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="meter">Gets the counters <c>eventbroker.memory.missed</c>, <c>.expired_groups</c>, <c>.forgotten_consumers</c> and
    /// <c>.refused_redeliveries</c>.</param>
    /// <param name="logger">The logger.</param>
    public MemoryTransport(string name, MemorySettings settings, TimeProvider timeProvider, Meter meter, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(timeProvider);
        ArgumentNullException.ThrowIfNull(meter);
        _settings = settings;
        _storage = new StorageBudget(settings.MaxTotalBytes.Bytes);
        var limits = new PlaceLimits
        {
            MaxGroupsPerEvent = settings.MaxGroupsPerEvent,
            MaxConsumersPerEvent = settings.MaxConsumersPerEvent,
            GroupExpiry = settings.GroupExpiry,
            MaxWaitingBytes = settings.MaxWaitingBytes.Bytes,
        };
        _state = new LocalState(name, "memory", limits, timeProvider, meter, logger);
        _housekeepingPeriod = ChoosePeriod(settings.Retention);
        _housekeeping = timeProvider.CreateTimer(
            static transport => ((MemoryTransport)transport!).CleanUp(), this, _housekeepingPeriod, _housekeepingPeriod);
    }

    /// <inheritdoc/>
    public TransportCapabilities Capabilities { get; } = new(
        DeliveryGuarantee.AtLeastOnce,
        TransportCapability.ReplayFromBeginning,
        TransportCapability.ReplayFromTimestamp,
        TransportCapability.ReplayFromCursor,
        TransportCapability.WorkerGroups,
        TransportCapability.Broadcast,
        TransportCapability.ConsumerResume,
        TransportCapability.Redelivery,
        TransportCapability.RedeliveryDelay,
        TransportCapability.Ordering,
        TransportCapability.MaxAge,
        TransportCapability.LatestOnly,
        TransportCapability.EventListing,
        TransportCapability.EventDescription,
        TransportCapability.Seek)
    {
        MaxCursorLength = Position.MaxTextLength,
        EventOptions = EventLimits.Options,
    };

    /// <inheritdoc/>
    public ValueTask RegisterAsync(string eventName, EventOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        foreach (var option in options.GetSet())
        {
            if (!EventLimits.Options.Contains(option))
            {
                throw BrokerErrors.OptionNotSupported(_state.Name, JsonNamingPolicy.SnakeCaseLower.ConvertName(option.ToString()), "it knows retention and the bounds of size only");
            }
        }

        var limits = new EventLimits(_settings, options);
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
                    $"transport '{_state.Name}' holds {_eventCount} events already, the most that it allows");
            }

            _events[eventName] = new EventEntry(limits, _storage, _state);
            _eventCount++;
            if (ChoosePeriod(limits.Retention) is var period && period < _housekeepingPeriod)
            {
                _housekeepingPeriod = period;
                _housekeeping.Change(period, period);
            }
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
    public ValueTask<EventDescription> DescribeAsync(string eventName, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Find(eventName).Describe());

    /// <inheritdoc/>
    public ValueTask SeekAsync(string eventName, SeekRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Find(eventName).SeekAsync(request);
    }

    /// <inheritdoc/>
    public ValueTask<ITransportSubscription> SubscribeAsync(
        string eventName, SubscribeOptions options, ISubscriber subscriber, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(subscriber);
        return Find(eventName).SubscribeAsync(options, subscriber);
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

    // Appends, reads and subscribes enforce ages by themselves; housekeeping gives the memory of what is silent back.
    private static TimeSpan ChoosePeriod(TimeSpan retention) =>
        TimeSpan.FromTicks(Math.Clamp(retention.Ticks / 10, TimeSpan.TicksPerSecond, TimeSpan.TicksPerMinute));

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

    private void CleanUp()
    {
        foreach (var (_, entry) in _events)
        {
            entry.CleanUp();
        }
    }
}
