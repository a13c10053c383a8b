using System.Text;
using EventBroker.Nats.Messages;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Nats.Broadcast;
using EventBroker.Transport.Nats.Groups;
using EventBroker.Transport.Nats.Publishing;
using NATS.Client.Core;

namespace EventBroker.Transport.Nats.Events;

/// <summary>An event: its subject, and whoever reads it on this host.</summary>
#pragma warning disable CA1001 // The semaphore holds nothing to be disposed of: nobody asks for its wait handle.
internal sealed class EventChannel
#pragma warning restore CA1001
{
    private readonly SemaphoreSlim _opening = new(1, 1);
    private readonly Lock _gate = new();
    private readonly TransportState _transport;
    private readonly Publisher _publisher;
    private readonly Dictionary<string, Group> _groups = new(StringComparer.Ordinal);
    private readonly HashSet<BroadcastSubscription> _broadcasts = [];
    private BroadcastFeed? _feed;
    private Func<BrokerException>? _gone;

    public EventChannel(string name, ulong revision, TransportState transport, Publisher publisher)
    {
        _transport = transport;
        _publisher = publisher;
        Name = name;
        Revision = revision;
        Subject = SubjectNames.ToSubject(transport.Settings.SubjectPrefix, name);
        Token = name.Replace('.', '=');
    }

    public string Name { get; }

    /// <summary>Gets which registration it is from; 0 for one of the settings.</summary>
    public ulong Revision { get; }

    public string Subject { get; }

    /// <summary>Gets the name as one token of a subject.</summary>
    public string Token { get; }

    public int SubscriptionCount
    {
        get
        {
            lock (_gate)
            {
                return _broadcasts.Count + _groups.Values.Sum(static g => g.MemberCount);
            }
        }
    }

    public Group? FindGroup(string name)
    {
        lock (_gate)
        {
            return _groups.GetValueOrDefault(name);
        }
    }

    public async Task<ITransportSubscription> SubscribeAsync(SubscribeOptions options, ISubscriber subscriber, CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken);
        try
        {
            return options.Mode == DeliveryMode.WorkerPool
                ? await JoinAsync(options, subscriber, cancellationToken)
                : await OpenBroadcastAsync(subscriber, cancellationToken);
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <summary>Publishes something that goes back to a worker group.</summary>
    /// <returns>Whether a host of the group was there.</returns>
    public async ValueTask<bool> TryPublishAsync(string subject, EncodedMessage message, int attempts)
    {
        try
        {
            if (!_transport.Link.IsOpen)
            {
                return false;
            }

            var sent = await _publisher.SendAsync(subject, message, attempts, CancellationToken.None);
            return _publisher.Judge(sent, await _publisher.FlushAsync()) is null;
        }
        catch (Exception exception) when (exception is NatsException or ObjectDisposedException or OperationCanceledException)
        {
            return false;
        }
    }

    public async ValueTask RemoveAsync(BroadcastSubscription subscription)
    {
        BroadcastFeed? unused = null;
        lock (_gate)
        {
            _broadcasts.Remove(subscription);
            if (_broadcasts.Count == 0)
            {
                (unused, _feed) = (_feed, null);
            }
        }

        if (unused is not null)
        {
            await unused.DisposeAsync();
        }
    }

    /// <summary>A group's last member here has left.</summary>
    public async ValueTask CloseGroupAsync(Group group)
    {
        await _opening.WaitAsync(CancellationToken.None);
        try
        {
            lock (_gate)
            {
                if (group.MemberCount > 0 || !_groups.Remove(group.Name))
                {
                    return;
                }
            }

            await group.CloseAsync();
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <summary>The event is gone: ends everything, and gives nothing back.</summary>
    public void Remove()
    {
        End(static () => BrokerErrors.SubscriptionEnded("the event was unregistered"));
        Group[] groups;
        lock (_gate)
        {
            groups = [.. _groups.Values];
        }

        foreach (var group in groups)
        {
            group.Clear();
        }
    }

    public void End(Func<BrokerException> why)
    {
        Group[] groups;
        BroadcastSubscription[] broadcasts;
        lock (_gate)
        {
            _gone ??= why;
            groups = [.. _groups.Values];
            broadcasts = [.. _broadcasts];
        }

        foreach (var group in groups)
        {
            group.End(why);
        }

        foreach (var broadcast in broadcasts)
        {
            broadcast.End(why);
        }
    }

    /// <summary>Gives back what is held here, before the connection goes.</summary>
    public async ValueTask CloseAsync()
    {
        End(BrokerErrors.TransportClosed);
        Group[] groups;
        BroadcastSubscription[] broadcasts;
        lock (_gate)
        {
            groups = [.. _groups.Values];
            broadcasts = [.. _broadcasts];
        }

        foreach (var group in groups)
        {
            await group.LeaveAllAsync();
        }

        foreach (var broadcast in broadcasts)
        {
            await broadcast.DisposeAsync();
        }
    }

    private async Task<ITransportSubscription> OpenBroadcastAsync(ISubscriber subscriber, CancellationToken cancellationToken)
    {
        var feed = _feed;
        var isNew = feed is null;
        if (feed is null)
        {
            feed = new BroadcastFeed(Subject, _transport);
            await feed.OpenAsync(cancellationToken);
            await _transport.Link.FlushAsync(cancellationToken);
        }

        lock (_gate)
        {
            if (_gone is null)
            {
                _feed = feed;
                var subscription = new BroadcastSubscription(this, feed, subscriber, _transport);
                _broadcasts.Add(subscription);
                return subscription;
            }
        }

        if (isNew)
        {
            // Nobody else would close it.
            await feed.DisposeAsync();
        }

        throw _gone();
    }

    private async Task<ITransportSubscription> JoinAsync(SubscribeOptions options, ISubscriber subscriber, CancellationToken cancellationToken)
    {
        var asked = GroupOptions.Of(options);
        var group = FindGroup(options.WorkerGroup);
        var isNew = group is null;
        if (group is null)
        {
            (await AskOthersAsync(options.WorkerGroup, cancellationToken))?.Check(asked, _transport.Name);
            group = new Group(this, options.WorkerGroup, asked, _transport);
            await group.OpenAsync(cancellationToken);
            await _transport.Link.FlushAsync(cancellationToken);
        }
        else
        {
            group.Options.Check(asked, _transport.Name);
        }

        // There is no place to keep: a start position can only be that of a new group.
        var resume = options.Start == StartPosition.Unspecified ? ResumeOutcome.NotAsked : isNew ? ResumeOutcome.New : ResumeOutcome.Kept;
        var member = new GroupMember(group, options, subscriber, resume);
        List<GroupMember>? before = null;
        lock (_gate)
        {
            if (_gone is null)
            {
                _groups[options.WorkerGroup] = group;
                before = group.Join(member);
            }
        }

        if (before is null)
        {
            if (isNew)
            {
                // Nobody else would close it.
                await group.CloseAsync();
            }

            throw _gone!();
        }

        await Group.TakeOverAsync(before);
        return member;
    }

    // The options of a group that another host has members of; null if none has.
    private async ValueTask<GroupOptions?> AskOthersAsync(string group, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await _transport.Link.Connection.RequestAsync<byte[], byte[]>(
                Group.AskSubject(_transport, this, group), [], cancellationToken: cancellationToken);
            return answer.Data is { Length: > 0 } data ? GroupOptions.Parse(Encoding.ASCII.GetString(data)) : null;
        }
        catch (NatsNoRespondersException)
        {
            return null;
        }
        catch (Exception exception) when (exception is NatsNoReplyException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // Its last member there has just left.
            return null;
        }
    }
}
