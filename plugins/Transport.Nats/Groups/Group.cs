using System.Buffers;
using System.Text;
using EventBroker.Nats.Connections;
using EventBroker.Nats.Delivering;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Nats.Events;
using EventBroker.Transport.Nats.Messages;
using NATS.Client.Core;

namespace EventBroker.Transport.Nats.Groups;

/// <summary>A worker group on this host: one member of its NATS queue group, which hands out to the members here. What a last member leaves
/// behind is published for the group's other hosts, and lost if there are none.</summary>
internal sealed class Group
{
    private readonly Lock _gate = new();
    private readonly TransportState _transport;
    private readonly EventChannel _channel;
    private readonly HandOut<GroupMessage> _handOut = new();
    private readonly List<GroupMember> _members = [];
    private readonly HashSet<GroupMessage> _held = [];
    private readonly string _returnSubject;
    private readonly RawSubscription[] _subscriptions;
    private ulong _arrived;
    private long _unreadBytes;
    private long _dropped;

    public Group(EventChannel channel, string name, GroupOptions options, TransportState transport)
    {
        _channel = channel;
        _transport = transport;
        Name = name;
        Options = options;
        var connection = transport.Link.Connection;
        var queue = "g=" + name;

        // Of the host's own subjects, below which no event lies.
        _returnSubject = $"_{transport.Settings.SubjectPrefix}.returned.{channel.Token}.{QueueToken(name)}";
        _subscriptions =
        [
            new RawSubscription(connection, channel.Subject, queue, OnMessage),
            new RawSubscription(connection, _returnSubject, queue, OnMessage),
            new RawSubscription(connection, AskSubject(transport, channel, name), queueGroup: null, OnAsked),
        ];
    }

    public string Name { get; }

    public GroupOptions Options { get; }

    public ulong Epoch { get; } = TransportState.NextEpoch();

    public int MemberCount
    {
        get
        {
            lock (_gate)
            {
                return _members.Count;
            }
        }
    }

    /// <summary>Gets where a host that wants to join asks those that have the group for its options.</summary>
    public static string AskSubject(TransportState transport, EventChannel channel, string name) =>
        $"_{transport.Settings.SubjectPrefix}.group.{channel.Token}.{QueueToken(name)}";

    public async ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        foreach (var subscription in _subscriptions)
        {
            await _transport.Link.Connection.AddSubAsync(subscription, cancellationToken);
        }
    }

    /// <summary>Adds a member.</summary>
    /// <returns>The members that it takes over from.</returns>
    public List<GroupMember> Join(GroupMember member)
    {
        lock (_gate)
        {
            var before = FindNamed(member.Name);
            _members.Add(member);
            _handOut.Join(member);
            return before;
        }
    }

    public List<GroupMember> FindMembers(string name)
    {
        lock (_gate)
        {
            return FindNamed(name);
        }
    }

    public static async ValueTask TakeOverAsync(IReadOnlyList<GroupMember> members)
    {
        foreach (var member in members)
        {
            member.End(() => BrokerErrors.TakenOver(member.Name));
            await member.DisposeAsync();
        }
    }

    public void End(Func<BrokerException> why)
    {
        GroupMember[] members;
        lock (_gate)
        {
            members = [.. _members];
        }

        foreach (var member in members)
        {
            member.End(why);
        }
    }

    /// <summary>The event is gone, and with it everything that is here.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _held.Clear();
            while (_handOut.RemoveOldest() is not null)
            {
                // Nobody's any more.
            }

            _unreadBytes = 0;
        }
    }

    public async ValueTask LeaveAllAsync()
    {
        GroupMember[] members;
        lock (_gate)
        {
            members = [.. _members];
        }

        foreach (var member in members)
        {
            await member.DisposeAsync();
        }
    }

    public int Read(GroupMember member, Span<Delivery> destination, int maxBytes)
    {
        Action? wake;
        var taken = new List<GroupMessage>(Math.Min(destination.Length, 64));
        lock (_gate)
        {
            _handOut.Read(member, taken, destination.Length, maxBytes, static (list, message) => list.Add(message));
            for (var i = 0; i < taken.Count; i++)
            {
                var message = taken[i];
                message.Holder = member;
                _unreadBytes -= message.Length;
                _held.Add(message);
                destination[i] = member.ToDelivery(message);
                message.Missed = 0;
            }

            wake = _handOut.UnreadCount > 0 ? _handOut.PlanWakeUps() : null;
        }

        wake?.Invoke();
        return taken.Count;
    }

    public void Demand(GroupMember member, int count)
    {
        Action? wake;
        lock (_gate)
        {
            if (!_members.Contains(member))
            {
                return;
            }

            _handOut.Demand(member, count);
            wake = _handOut.PlanWakeUps();
        }

        wake?.Invoke();
    }

    public void Settle(GroupMember member, Span<TransportSettlement> settlements)
    {
        Action? wake = null;
        lock (_gate)
        {
            foreach (ref var settlement in settlements)
            {
                var message = (GroupMessage)settlement.Delivery.Handle!;
                if (!_held.Remove(message))
                {
                    settlement.Outcome = SettlementOutcome.LeaseLost;
                    continue;
                }

                settlement.Outcome = SettlementOutcome.Done;
                message.Holder = null;
                if (settlement.Action == SettlementAction.Release)
                {
                    // A message of its own, so that a late settlement of this delivery does not meet the next.
                    Return(message, settlement.Attempts, settlement.Reason == SettlementReason.DeadlinePassed ? member : null);
                }
            }

            wake = _handOut.PlanWakeUps();
        }

        wake?.Invoke();
    }

    public async ValueTask LeaveAsync(GroupMember member)
    {
        Action? wake = null;
        List<GroupMessage> left = [];
        bool isLast;
        lock (_gate)
        {
            if (!_members.Remove(member))
            {
                return;
            }

            _handOut.Leave(member);
            isLast = _members.Count == 0;
            foreach (var message in _held.Where(m => m.Holder == member).OrderBy(static m => m.Number).ToList())
            {
                _held.Remove(message);
                message.Holder = null;
                Return(message, message.Attempts + 1, avoided: null);
            }

            if (isLast)
            {
                while (_handOut.RemoveOldest() is { } unread)
                {
                    _unreadBytes -= unread.Length;
                    left.Add(unread);
                }
            }
            else
            {
                wake = _handOut.PlanWakeUps();
            }
        }

        wake?.Invoke();
        if (isLast)
        {
            await _channel.CloseGroupAsync(this);
            await PublishAsync(left);
        }
    }

    /// <summary>Leaves the queue group; what is on its way still arrives, and goes to the other hosts.</summary>
    public async ValueTask CloseAsync()
    {
        foreach (var subscription in _subscriptions)
        {
            try
            {
                await subscription.DrainAsync(CancellationToken.None);
            }
            catch (Exception exception) when (exception is NatsException or ObjectDisposedException or OperationCanceledException)
            {
                // Without a connection there is nothing to leave.
            }
        }

        List<GroupMessage> late = [];
        lock (_gate)
        {
            while (_handOut.RemoveOldest() is { } unread)
            {
                late.Add(unread);
            }
        }

        await PublishAsync(late);
    }

    // In the alphabet of subjects, and never the same for two groups: = stands for a dot, and alone for the default group.
    private static string QueueToken(string name) => "g=" + name.Replace('.', '=');

    // Under the lock.
    private void Return(GroupMessage message, int attempts, Reader? avoided)
    {
        _handOut.Add(new GroupMessage(message.Message, message.Number, attempts) { Avoided = avoided, Missed = message.Missed });
        _unreadBytes += message.Length;
    }

    // Under the lock.
    private List<GroupMember> FindNamed(string name) => name.Length == 0 ? [] : _members.FindAll(m => m.Name == name);

    private void OnMessage(string subject, string? replyTo, ReadOnlySequence<byte> headers, ReadOnlySequence<byte> payload)
    {
        var message = WireHeaders.Read(headers, payload, _transport.Link.Time.GetUtcNow(), out var attempts);
        Action? wake;
        var dropped = 0;
        lock (_gate)
        {
            while (_handOut.UnreadCount > 0
                && (_handOut.UnreadCount >= _transport.Settings.MaxWaitingMessages
                    || _unreadBytes + message.Length > _transport.Settings.MaxWaitingBytes.Bytes))
            {
                var oldest = _handOut.RemoveOldest()!;
                _unreadBytes -= oldest.Length;
                _dropped += 1 + oldest.Missed;
                dropped++;
            }

            // Told with the oldest that is left.
            var arrived = new GroupMessage(message, _arrived++, attempts);
            _handOut.Add(arrived);
            _unreadBytes += message.Length;
            if (_dropped > 0)
            {
                _handOut.Unread.First().Missed += _dropped;
                _dropped = 0;
            }

            wake = _handOut.PlanWakeUps();
        }

        _transport.Metrics.Missed(dropped);
        wake?.Invoke();
    }

    private void OnAsked(string subject, string? replyTo, ReadOnlySequence<byte> headers, ReadOnlySequence<byte> payload)
    {
        if (replyTo is not null && MemberCount > 0)
        {
            _ = AnswerAsync(replyTo);
        }
    }

    private async Task AnswerAsync(string replyTo)
    {
        try
        {
            await _transport.Link.Connection.PublishAsync<ReadOnlyMemory<byte>>(
                replyTo, Encoding.ASCII.GetBytes(Options.ToString()), serializer: NatsRawSerializer<ReadOnlyMemory<byte>>.Default);
        }
        catch (Exception exception) when (exception is NatsException or ObjectDisposedException or OperationCanceledException)
        {
            // The other host asks in vain, and takes the group for free.
        }
    }

    private async ValueTask PublishAsync(List<GroupMessage> messages)
    {
        foreach (var message in messages)
        {
            if (!await _channel.TryPublishAsync(_returnSubject, message.Message, message.Attempts))
            {
                _transport.Metrics.Lost();
            }
        }
    }
}
