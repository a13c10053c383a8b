using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Redis.Backend;
using EventBroker.Transport.Redis.Broadcast;
using EventBroker.Transport.Redis.Messages;
using EventBroker.Transport.Redis.Places;
using EventBroker.Transport.Redis.Scripts;
using EventBroker.Transport.Redis.Subscriptions;
using StackExchange.Redis;

namespace EventBroker.Transport.Redis.Events;

internal sealed partial class EventEntry
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromHours(1);

    private long? _sweptAt;

    /// <summary>Opens a subscription.</summary>
    /// <returns>The subscription; null if the event is gone, or registered anew, and this entry has ended.</returns>
    public async Task<RedisSubscription?> SubscribeAsync(SubscribeOptions options, Sdk.Transports.ISubscriber subscriber)
    {
        if (options.Mode == DeliveryMode.WorkerPool && options.ResumeAfter is not null)
        {
            throw BrokerErrors.OptionNotSupported(
                State.Name, "resume_after", "a worker group goes on where it stands; use delivery mode broadcast");
        }

        var start = StartSpec.From(options.Start, options.StartTime, options.ResumeAfter, "resume_after");

        // Before the place is looked for: whatever is published from there on is heard of.
        await ListenAsync();
        return options switch
        {
            { Mode: DeliveryMode.WorkerPool } => await OpenAsync(PlaceKind.WorkerGroup, options.WorkerGroup, options, subscriber, start),
            { ConsumerId.Length: > 0 } => await OpenAsync(PlaceKind.ConsumerId, options.ConsumerId, options, subscriber, start),
            _ => await OpenBroadcastAsync(options, subscriber, start),
        };
    }

    private async Task<RedisSubscription?> OpenBroadcastAsync(SubscribeOptions options, Sdk.Transports.ISubscriber subscriber, StartSpec start)
    {
        var epoch = Reader.Epoch;
        var result = await RunAsync(
            Script.Start,
            [Keys.Stream, Keys.Meta],
            () => [Registration.Id, start.Kind, start.Value, start.Ordinal, start.Generation, State.RetentionValue]);
        if (result is null)
        {
            return null;
        }

        var generation = (string)result[1]!;
        OnGeneration(generation);
        var lost = (long)result[4];
        var outcome = options.ResumeAfter is null ? ResumeOutcome.NotAsked : lost == 0 ? ResumeOutcome.Exact : ResumeOutcome.Lost;
        var begin = new RedisCursor(EntryId.Parse((string)result[2]!), (long)result[3], generation);
        if (epoch != Reader.Epoch)
        {
            // Lost meanwhile: what was found is of the new stream.
            epoch = Reader.Epoch;
        }

        var subscription = new BroadcastSubscription(this, options, subscriber, begin, epoch, lost, outcome);
        return Add(subscription) ? subscription : null;
    }

    private async Task<RedisSubscription?> OpenAsync(
        PlaceKind kind, string name, SubscribeOptions options, Sdk.Transports.ISubscriber subscriber, StartSpec start)
    {
        var group = EventKeys.Group(kind, name);
        var member = new PlaceMember(this, options, subscriber, kind, group, State.NextConsumer());
        var result = await RunOpenAsync();
        if ((string?)result?[0] == "FULL" && await SweepAsync() > 0)
        {
            result = await RunOpenAsync();
        }

        if (result is null)
        {
            return null;
        }

        GroupOptions.Check((string)result[0]!, result, name, State);
        OnGeneration((string)result[1]!);
        member.Begin(PlaceOpening.Read(result, kind, options, Generation));
        if (Enter(member, kind, result, out var before))
        {
            before?.TakeOver();
            return member;
        }

        return null;

        Task<RedisResult?> RunOpenAsync() => RunAsync(
            Script.Open,
            [Keys.Stream, Keys.Meta, Keys.PlaceHash(group), Keys.Due(group), Keys.Places],
            () =>
            [
                Registration.Id, Keys.Channel, group, member.Consumer, start.Kind, start.Value, start.Ordinal, start.Generation,
                member.MaxAgeValue, options.LatestOnly ? 1 : 0, member.HolderField, kind == PlaceKind.ConsumerId ? 1 : 0,
                State.RetentionValue, State.Settings.MaxPlacesPerEvent,
            ]);
    }

    /// <summary>Forgets places that nobody has come to for too long.</summary>
    /// <returns>How many.</returns>
    public async Task<int> SweepAsync() => (int)await State.Backend.RunAsync(
        Script.Sweep, [Keys.Stream, Keys.Places], [RedisState.Milliseconds(State.Settings.PlaceExpiry)]);

    /// <summary>Tells whether it is time to look for places to forget. True for one caller an hour.</summary>
    public bool IsSweepDue()
    {
        lock (_gate)
        {
            var now = State.Time.GetTimestamp();
            if (_sweptAt is { } last && State.Time.GetElapsedTime(last, now) < SweepInterval)
            {
                return false;
            }

            _sweptAt = now;
            return true;
        }
    }

    private bool Enter(PlaceMember member, PlaceKind kind, RedisResult opened, out PlaceMember? before)
    {
        lock (_gate)
        {
            before = null;
            if (_ended is not null)
            {
                return false;
            }

            if (!_places.TryGetValue(member.Group, out var place))
            {
                place = _places[member.Group] = new Place(this, kind, member.Group);
            }

            _subscriptions.Add(member);
            before = place.Join(member, (string)opened[2]!, EntryId.Parse((string)opened[5]!), (long)opened[6], out var isFirst);
            if (isFirst)
            {
                Watch.Begin(place);
            }

            return true;
        }
    }

    /// <summary>Forgets a place that has no members here any more.</summary>
    public void Forget(Place place)
    {
        lock (_gate)
        {
            if (place.MemberCount == 0 && _places.GetValueOrDefault(place.Group) == place)
            {
                _places.Remove(place.Group);
                place.Dispose();
            }
        }
    }

    private bool Add(RedisSubscription subscription)
    {
        lock (_gate)
        {
            return _ended is null && _subscriptions.Add(subscription);
        }
    }
}
