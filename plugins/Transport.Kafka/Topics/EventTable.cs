using System.Collections.Concurrent;
using EventBroker.Sdk.Errors;

namespace EventBroker.Transport.Kafka.Topics;

/// <summary>The events that this host knows of. The cluster knows all; an event is looked for there when it is first used, and as long as it is
/// used it is looked whether it is still there.</summary>
internal sealed class EventTable : IDisposable
{
    private readonly ConcurrentDictionary<string, EventTopic> _events = new(StringComparer.Ordinal);
    private readonly KafkaState _state;
    private readonly ITimer _timer;
    private int _isLooking;
    private volatile bool _isClosed;

    public EventTable(KafkaState state)
    {
        _state = state;
        _timer = state.Time.CreateTimer(
            static table => ((EventTable)table!).Look(), this, state.Settings.WatchInterval, state.Settings.WatchInterval);
    }

    public IEnumerable<EventTopic> All => _events.Values;

    public EventTopic? FindKnown(string eventName) => _events.GetValueOrDefault(eventName);

    /// <summary>Gets an event, from the cluster if it is not known here.</summary>
    /// <exception cref="BrokerException">There is no such event.</exception>
    public ValueTask<EventTopic> FindAsync(string eventName) =>
        FindKnown(eventName) is { } known ? new(known) : new(AskAsync(eventName));

    /// <summary>Forgets an event, and ends what is open of it here.</summary>
    public void Remove(EventTopic topic)
    {
        _events.TryRemove(KeyValuePair.Create(topic.EventName, topic));
        topic.End(static () => BrokerErrors.SubscriptionEnded("the event was unregistered"));
    }

    /// <summary>Asks the cluster for an event now.</summary>
    public async Task<EventTopic> AskAsync(string eventName)
    {
        var found = await _state.Cluster.FindAsync([_state.Settings.TopicPrefix + eventName]);
        if (found.Count == 0)
        {
            if (FindKnown(eventName) is { } gone)
            {
                Remove(gone);
            }

            throw BrokerErrors.EventNotRegistered();
        }

        var settings = await _state.Admin.GetSettingsAsync(found[0].Topic);
        return Note(eventName, found[0], settings);
    }

    /// <summary>Looks whether the events that are used are still there, and have the partitions that they had.</summary>
    public void Look()
    {
        if (!_isClosed && (!_events.IsEmpty || _state.Reach.IsLost) && Interlocked.Exchange(ref _isLooking, 1) == 0)
        {
            _ = LookAsync();
        }
    }

    public void Dispose()
    {
        _isClosed = true;
        _timer.Dispose();
    }

    private EventTopic Note(string eventName, TopicInfo info, IReadOnlyDictionary<string, string> settings)
    {
        var fresh = new EventTopic(eventName, info, TopicOptions.Read(settings, info.Partitions, info.Replicas), this, _state);
        while (true)
        {
            var known = _events.GetOrAdd(eventName, fresh);
            if (_isClosed)
            {
                // The transport may have closed its events without this one.
                throw BrokerErrors.TransportClosed();
            }

            if (known == fresh || known.Epoch == fresh.Epoch)
            {
                known.Grow(info.Partitions);
                return known;
            }

            // Unregistered and registered anew by somebody else.
            Remove(known);
        }
    }

    private async Task LookAsync()
    {
        try
        {
            var known = _events.Values.ToList();
            if (known.Count == 0)
            {
                // Only whether the cluster is there.
                await _state.Cluster.DescribeAsync();
                return;
            }

            var found = (await _state.Cluster.FindAsync([.. known.Select(static e => e.Topic)])).ToDictionary(static t => t.Topic, StringComparer.Ordinal);
            foreach (var topic in known)
            {
                if (!found.TryGetValue(topic.Topic, out var info) || info.Epoch != topic.Epoch)
                {
                    Remove(topic);
                }
                else
                {
                    topic.Grow(info.Partitions);
                }
            }
        }
        catch (BrokerException)
        {
            // Said in the log as an outage; looked at again after a while.
        }
        finally
        {
            Volatile.Write(ref _isLooking, 0);
        }
    }
}
