using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Local.Places;
using EventBroker.Transport.Local.Storage;
using EventBroker.Transport.Local.Subscriptions;

namespace EventBroker.Transport.Local.Events;

internal abstract partial class LocalEvent
{
    /// <summary>Opens a subscription.</summary>
    /// <returns>The subscription, once its place is remembered as long as places are.</returns>
    public ValueTask<ITransportSubscription> SubscribeAsync(SubscribeOptions options, ISubscriber subscriber) => options switch
    {
        { Mode: DeliveryMode.WorkerPool } => JoinGroup(options, subscriber),
        { ConsumerId.Length: > 0 } => OpenConsumer(options, subscriber),
        _ => new ValueTask<ITransportSubscription>(SubscribeBroadcast(options, subscriber)),
    };

    private ValueTask<ITransportSubscription> JoinGroup(SubscribeOptions options, ISubscriber subscriber)
    {
        if (options.ResumeAfter is not null)
        {
            throw BrokerErrors.OptionNotSupported(
                State.Name, "resume_after", "a worker group goes on where it stands; use delivery mode broadcast");
        }

        // A start position is that of a new group: whoever names none can't be told otherwise.
        var isAsked = options.Start != StartPosition.Unspecified;
        var start = new Start(FindStart(options.Start, options.StartTime), isAsked ? ResumeOutcome.New : ResumeOutcome.NotAsked);
        return OpenAsync(PlaceKind.WorkerGroup, options.WorkerGroup, options, subscriber, start, kept: isAsked ? ResumeOutcome.Kept : null);
    }

    private ValueTask<ITransportSubscription> OpenConsumer(SubscribeOptions options, ISubscriber subscriber)
    {
        var start = options.ResumeAfter is { } after
            ? FindCursor(after, "resume_after")
            : new Start(FindStart(options.Start, options.StartTime), ResumeOutcome.New);

        // A known consumer id goes on where it stopped, also when something else was asked for.
        var isAsked = options.ResumeAfter is not null || options.Start != StartPosition.Unspecified;
        return OpenAsync(
            PlaceKind.ConsumerId, options.ConsumerId, options, subscriber, start, kept: isAsked ? ResumeOutcome.Kept : ResumeOutcome.Exact);
    }

    private BroadcastSubscription SubscribeBroadcast(SubscribeOptions options, ISubscriber subscriber)
    {
        var start = options.ResumeAfter is { } after
            ? FindCursor(after, "resume_after")
            : new Start(FindStart(options.Start, options.StartTime), ResumeOutcome.NotAsked);
        var subscription = new BroadcastSubscription(this, options, subscriber, start.Cursor, start.Outcome);
        lock (_lock)
        {
            ThrowIfGone();
            _subscriptions.Add(subscription);
        }

        return subscription;
    }

    /// <summary>Opens a subscription to a place that is remembered.</summary>
    /// <param name="kind">Whose place.</param>
    /// <param name="name">The group or consumer id.</param>
    /// <param name="options">What the subscriber asked for.</param>
    /// <param name="subscriber">The subscriber.</param>
    /// <param name="start">Where a new place begins, and what is said of it.</param>
    /// <param name="kept">What is said of a place that was there and has lost nothing; null if nothing is said of it at all.</param>
    private async ValueTask<ITransportSubscription> OpenAsync(
        PlaceKind kind, string name, SubscribeOptions options, ISubscriber subscriber, Start start, ResumeOutcome? kept)
    {
        Log.Expire(Log.NowTicks);
        Place? place;
        PlaceMember member;
        PlaceMember? before;
        lock (_lock)
        {
            ThrowIfGone();
            place = _places.Find(kind, name);
            var isNew = place is null;
            place ??= _places.Add(kind, name, start.Cursor, kind == PlaceKind.WorkerGroup ? new GroupOptions(options) : null);
            if (kind == PlaceKind.WorkerGroup)
            {
                place.Agree(options);
            }

            _places.Open(place);
            member = new PlaceMember(this, options, subscriber, place);
            before = place.Join(member, out var cursor, out var first);
            var outcome = isNew ? start.Outcome
                : kept is null ? ResumeOutcome.NotAsked
                : cursor.Next < Log.Oldest ? ResumeOutcome.Lost : kept.Value;
            member.Begin(outcome, kind == PlaceKind.ConsumerId ? Log.FormatCursorBefore(first) : null);
            _subscriptions.Add(member);
        }

        if (before is not null)
        {
            before.TakeOver();
            place.WakeForWork();
        }

        try
        {
            await MadeAsync(place);
        }
        catch
        {
            await member.DisposeAsync();
            throw;
        }

        return member;
    }

    private void ThrowIfGone()
    {
        if (_gone is not null)
        {
            throw _gone();
        }
    }
}
