using System.Text.Json;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Kafka.Topics;

namespace EventBroker.Transport.Kafka;

public sealed partial class KafkaTransport
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(20);

    /// <inheritdoc/>
    public async ValueTask RegisterAsync(string eventName, EventOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ThrowIfClosed();
        foreach (var option in options.GetSet().Where(o => !Capabilities.EventOptions.Contains(o)))
        {
            throw BrokerErrors.OptionNotSupported(
                _state.Name, JsonNamingPolicy.SnakeCaseLower.ConvertName(option.ToString()), "a topic of Kafka has nothing of the kind, or is not made here");
        }

        await RegisterAsync(eventName, options).WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask UnregisterAsync(string eventName, CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        await UnregisterAsync(eventName).WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyCollection<string>> ListAsync(CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        var prefix = _state.Settings.TopicPrefix;
        var topics = await _state.Cluster.ListAsync().WaitAsync(cancellationToken);
        return
        [
            .. topics.Where(t => t.StartsWith(prefix, StringComparison.Ordinal) && !t.StartsWith("__", StringComparison.Ordinal))
                .Select(t => t[prefix.Length..])
                .Where(static n => EventName.IsValid(n)),
        ];
    }

    /// <inheritdoc/>
    public async ValueTask<EventDescription> DescribeAsync(string eventName, CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        return await DescribeAsync(eventName).WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask SeekAsync(string eventName, SeekRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ThrowIfClosed();
        var topic = await _events.AskAsync(eventName).WaitAsync(cancellationToken);
        await topic.SeekAsync(request).WaitAsync(cancellationToken);
    }

    private async Task RegisterAsync(string eventName, EventOptions options)
    {
        var settings = _state.Settings;
        var topic = settings.TopicPrefix + eventName;
        if (!settings.CreateTopics)
        {
            throw (await _state.Cluster.FindAsync([topic])).Count > 0
                ? BrokerErrors.EventAlreadyRegistered()
                : new BrokerException(
                    BrokerErrorCode.FailedPrecondition,
                    $"transport '{_state.Name}' makes no topics (createTopics); have the topic '{topic}' made by whoever runs the cluster");
        }

        await RefuseCollisionAsync(eventName);
        await _state.Admin.CreateAsync(
            topic, options.Partitions ?? settings.Partitions, options.Replicas ?? settings.Replicas, TopicOptions.ToSettings(options, settings));
        await UntilAsync(async () => (await _state.Cluster.FindAsync([topic])).Count > 0);
        await _events.AskAsync(eventName);
    }

    // Kafka forbids names that differ only in '.' and '_', and says so without saying which.
    private async Task RefuseCollisionAsync(string eventName)
    {
        if (!eventName.AsSpan().ContainsAny('.', '_'))
        {
            return;
        }

        var prefix = _state.Settings.TopicPrefix;
        var wanted = (prefix + eventName).Replace('.', '_');
        foreach (var topic in await _state.Cluster.ListAsync())
        {
            if (topic != prefix + eventName && topic.Replace('.', '_') == wanted)
            {
                throw new BrokerException(
                    BrokerErrorCode.FailedPrecondition,
                    $"Kafka keeps no topic '{prefix}{eventName}' beside '{topic}', since their metrics would have one name; name the event otherwise");
            }
        }
    }

    private async Task UnregisterAsync(string eventName)
    {
        var settings = _state.Settings;
        var topic = settings.TopicPrefix + eventName;
        if (!settings.CreateTopics)
        {
            throw (await _state.Cluster.FindAsync([topic])).Count == 0
                ? BrokerErrors.EventNotRegistered()
                : new BrokerException(
                    BrokerErrorCode.FailedPrecondition,
                    $"transport '{_state.Name}' deletes no topics (createTopics); have the topic '{topic}' deleted by whoever runs the cluster");
        }

        await _state.Admin.DeleteAsync(topic);
        if (_events.FindKnown(eventName) is { } known)
        {
            _events.Remove(known);
        }

        // Deleting takes its time, in which the topic can still be seen and not be made again.
        await UntilAsync(async () => (await _state.Cluster.FindAsync([topic])).Count == 0);
    }

    private async Task<EventDescription> DescribeAsync(string eventName)
    {
        var topic = await _events.AskAsync(eventName);
        var partitions = topic.PartitionCount;
        var earliest = await _state.Cluster.GetEarliestAsync(topic.Topic, partitions);
        var latest = await _state.Cluster.GetLatestAsync(topic.Topic, partitions);
        var names = (await _state.Admin.ListGroupsAsync())
            .Select(g => (IsOne: _state.Groups.TryParse(g, eventName, out var kind, out var name), kind, name))
            .Where(static g => g.IsOne)
            .Select(static g => (g.kind, g.name))
            .ToHashSet();
        var open = topic.Places.ToDictionary(static p => (p.Kind, p.Name), static p => p.Place);
        names.UnionWith(open.Keys);
        var groups = new List<GroupDescription>();
        foreach (var (kind, name) in names)
        {
            groups.Add(await DescribeAsync(topic, kind, name, open.GetValueOrDefault((kind, name)), earliest, latest));
        }

        var settings = await _state.Admin.GetSettingsAsync(topic.Topic);
        return new EventDescription
        {
            Options = TopicOptions.Read(settings, partitions, topic.Options.Replicas ?? 1),
            Messages = latest.Zip(earliest, static (l, e) => Math.Max(0, l - e)).Sum(),
            Groups = groups,
        };
    }

    // What other hosts read is known from what they have committed, and not how much of it they have handed over.
    private async Task<GroupDescription> DescribeAsync(
        EventTopic topic, PlaceKind kind, string name, Places.Place? place, long[] earliest, long[] latest)
    {
        var here = new HashSet<int>();
        var own = place?.Describe(latest, here);
        var lag = own?.Lag ?? 0;
        if (here.Count < latest.Length)
        {
            var committed = await _state.Cluster.GetCommittedAsync(_state.Groups.Format(kind, topic.EventName, name), topic.Topic, latest.Length);
            for (var i = 0; i < latest.Length; i++)
            {
                lag += here.Contains(i) ? 0 : Math.Max(0, latest[i] - Math.Max(committed[i], earliest[i]));
            }
        }

        return new GroupDescription
        {
            Kind = kind,
            Name = name,
            Members = own?.Members ?? 0,
            Lag = lag,
            Unsettled = here.Count == latest.Length ? own?.Unsettled : null,
        };
    }

    private async Task UntilAsync(Func<Task<bool>> isSo)
    {
        var begin = _state.Time.GetTimestamp();
        while (!await isSo())
        {
            if (_state.Time.GetElapsedTime(begin) > _state.Settings.Timeout)
            {
                throw new BrokerException(BrokerErrorCode.DeadlineExceeded, "Kafka has taken it, and has not done it in time");
            }

            await Task.Delay(LookAgain, _state.Time);
        }
    }
}
