using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Memory.Consumers;
using EventBroker.Transport.Memory.Groups;
using EventBroker.Transport.Memory.Storage;
using EventBroker.Transport.Memory.Subscriptions;
using Microsoft.Extensions.Logging;

namespace EventBroker.Transport.Memory.Events;

/// <summary>A registered event: its log, and everybody who reads it.</summary>
internal sealed partial class EventEntry : IThreadPoolWorkItem
{
    // So many groups are woken by the publisher itself; more by the thread pool.
    private const int GroupsWokenInline = 4;

    private readonly Lock _lock = new();
    private readonly HashSet<MemorySubscription> _subscriptions = [];
    private readonly Dictionary<string, WorkerGroup> _groupsByName = [];
    private readonly string _transport;
    private readonly MemorySettings _settings;
    private readonly TimeProvider _clock;
    private readonly StorageBudget _budget;
    private readonly ILogger _logger;
    private volatile WorkerGroup[] _groups = [];
    private Func<BrokerException>? _gone;
    private int _groupsQueued;

    public EventEntry(
        string transport, MemorySettings settings, TimeProvider clock, StorageBudget budget, MemoryMetrics metrics, ILogger logger)
    {
        _transport = transport;
        _settings = settings;
        _clock = clock;
        _budget = budget;
        _logger = logger;
        Log = new EventLog(settings, clock, budget, metrics);
        Consumers = new ConsumerPlaces(settings.MaxConsumersPerEvent);
    }

    public EventLog Log { get; }

    public WaiterList Waiters { get; } = new();

    public ConsumerPlaces Consumers { get; }

    public long NowTicks => _clock.GetUtcNow().UtcTicks;

    public int SubscriptionCount
    {
        get
        {
            lock (_lock)
            {
                return _subscriptions.Count;
            }
        }
    }

    /// <summary>Appends messages and wakes whoever waits for them.</summary>
    /// <returns>Whether a new slab was opened, so that the total may be exceeded.</returns>
    public bool Append(EncodedMessage message)
    {
        ThrowIfGone(Log.TryAppend(message, out var openedSlab));
        SignalReaders();
        return openedSlab;
    }

    /// <inheritdoc cref="Append(EncodedMessage)"/>
    public bool Append(PublishBatch messages)
    {
        ThrowIfGone(Log.TryAppend(messages, out var openedSlab));
        SignalReaders();
        return openedSlab;
    }

    /// <summary>Removes a subscription from those that are told of the event's end.</summary>
    public void Remove(MemorySubscription subscription)
    {
        lock (_lock)
        {
            _subscriptions.Remove(subscription);
        }
    }

    /// <summary>Ends the event and all its subscriptions.</summary>
    /// <param name="reason">What subscriptions throw.</param>
    /// <param name="gone">What publishes and subscribes that come too late throw.</param>
    public void End(Func<BrokerException> reason, Func<BrokerException> gone)
    {
        MemorySubscription[] subscriptions;
        lock (_lock)
        {
            _gone = gone;
            subscriptions = [.. _subscriptions];
            _subscriptions.Clear();
        }

        foreach (var subscription in subscriptions)
        {
            subscription.End(reason);
        }

        foreach (var group in _groups)
        {
            group.Dispose();
        }

        Log.Close();
    }

    public void ReportSignalFailure(Exception failure) => LogSignalFailed(_logger, failure);

    void IThreadPoolWorkItem.Execute()
    {
        Interlocked.Exchange(ref _groupsQueued, 0);
        WakeGroups(_groups);
    }

    private static void WakeGroups(WorkerGroup[] groups)
    {
        foreach (var group in groups)
        {
            group.WakeForWork();
        }
    }

    private void SignalReaders()
    {
        // Between the new tail and the look for waiters; the other half of the pair is in the subscriptions' reads.
        Interlocked.MemoryBarrier();
        Waiters.SignalAll();
        var groups = _groups;
        if (groups.Length <= GroupsWokenInline)
        {
            WakeGroups(groups);
        }
        else if (Interlocked.Exchange(ref _groupsQueued, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    private void ThrowIfGone(bool appended)
    {
        if (!appended)
        {
            throw (_gone ?? BrokerErrors.EventNotRegistered)();
        }
    }

    [LoggerMessage(4100, LogLevel.Error, "A subscription's ready signal failed; the publisher goes on.")]
    private static partial void LogSignalFailed(ILogger logger, Exception failure);
}
