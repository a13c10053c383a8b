using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Memory.Groups;
using EventBroker.Transport.Memory.Storage;
using EventBroker.Transport.Memory.Subscriptions;

namespace EventBroker.Transport.Memory.Events;

internal sealed partial class EventEntry
{
    /// <summary>Opens a subscription.</summary>
    public MemorySubscription Subscribe(SubscribeOptions options, IReadySignal ready) =>
        options.Mode == DeliveryMode.WorkerPool ? JoinGroup(options, ready) : SubscribeBroadcast(options, ready);

    private GroupMember JoinGroup(SubscribeOptions options, IReadySignal ready)
    {
        if (options.ResumeAfter is not null)
        {
            throw BrokerErrors.OptionNotSupported(
                _transport, "resume_after", "a worker group goes on where it stands; use delivery mode broadcast");
        }

        GroupMember member;
        GroupMember? before;
        lock (_lock)
        {
            ThrowIfGone();
            if (!_groupsByName.TryGetValue(options.WorkerGroup, out var group))
            {
                if (_groupsByName.Count >= _settings.MaxGroupsPerEvent)
                {
                    throw new BrokerException(
                        BrokerErrorCode.ResourceExhausted,
                        $"the event has {_groupsByName.Count} worker groups already, the most that transport '{_transport}' allows");
                }

                group = new WorkerGroup(Log, _settings, _clock, _budget, FindStart(options));
                _groupsByName.Add(options.WorkerGroup, group);
                _groups = [.. _groups, group];
            }

            member = new GroupMember(this, options, ready, group);
            _subscriptions.Add(member);
            before = group.Join(member, options.ConsumerId);
        }

        before?.TakeOver(options.ConsumerId);
        return member;
    }

    private BroadcastSubscription SubscribeBroadcast(SubscribeOptions options, IReadySignal ready)
    {
        var subscription = new BroadcastSubscription(this, options, ready);
        var outcome = ResumeOutcome.NotAsked;
        var cursor = options.ResumeAfter is { } after ? FindCursor(after, out outcome) : FindStart(options);
        lock (_lock)
        {
            ThrowIfGone();
            if (options.ConsumerId.Length == 0)
            {
                subscription.Begin(cursor, outcome, place: null);
            }
            else
            {
                // A known consumer id goes on where it stopped, also when a cursor came with it.
                var place = Consumers.Open(options.ConsumerId, subscription, cursor, out cursor, out var isNew);
                if (!isNew)
                {
                    outcome = OutcomeAt(cursor);
                }
                else if (options.ResumeAfter is null)
                {
                    outcome = ResumeOutcome.New;
                }

                subscription.Begin(cursor, outcome, place);
            }

            _subscriptions.Add(subscription);
        }

        return subscription;
    }

    private LogCursor FindStart(SubscribeOptions options)
    {
        switch (options.Start)
        {
            case StartPosition.Beginning:
                Log.Expire(NowTicks);
                return new LogCursor { Next = Log.Oldest };
            case StartPosition.Timestamp:
                var ticks = (options.StartTime ?? throw new BrokerException(
                    BrokerErrorCode.InvalidArgument, "start_time is required with start_from=timestamp")).UtcTicks;
                Log.Expire(NowTicks);
                return new LogCursor { Next = Math.Max(Log.LowerBound(ticks), Log.Oldest) };
            default:
                return new LogCursor { Next = Log.Tail };
        }
    }

    private LogCursor FindCursor(string text, out ResumeOutcome outcome)
    {
        Log.Expire(NowTicks);
        if (!Position.TryParse(text, out var position))
        {
            throw new BrokerException(BrokerErrorCode.InvalidArgument, "resume_after is not a cursor of this event");
        }

        if (position.High != Log.Epoch)
        {
            // Made before the event was registered anew or the broker restarted: nobody knows how much is lost.
            outcome = ResumeOutcome.Lost;
            return new LogCursor { Next = Log.Oldest };
        }

        if (position.Low >= Log.Tail)
        {
            throw new BrokerException(
                BrokerErrorCode.InvalidArgument, "resume_after is a cursor beyond the end of the event");
        }

        var cursor = new LogCursor { Next = position.Low + 1 };
        outcome = OutcomeAt(cursor);
        return cursor;
    }

    private ResumeOutcome OutcomeAt(LogCursor cursor) => cursor.Next < Log.Oldest ? ResumeOutcome.Lost : ResumeOutcome.Exact;

    private void ThrowIfGone()
    {
        if (_gone is not null)
        {
            throw _gone();
        }
    }
}
