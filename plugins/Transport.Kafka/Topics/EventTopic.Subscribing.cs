using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Kafka.Broadcast;
using EventBroker.Transport.Kafka.Messages;
using EventBroker.Transport.Kafka.Places;

namespace EventBroker.Transport.Kafka.Topics;

// How a subscription comes to be. Where it begins is known before anybody is told that it is open.
internal sealed partial class EventTopic
{
    public async Task<ITransportSubscription> SubscribeAsync(SubscribeOptions options, ISubscriber subscriber)
    {
        ThrowIfEnded();
        if (options.Mode == DeliveryMode.WorkerPool)
        {
            return await OpenPlaceAsync(PlaceKind.WorkerGroup, options.WorkerGroup, options, subscriber);
        }

        return options.ConsumerId.Length > 0
            ? await OpenPlaceAsync(PlaceKind.ConsumerId, options.ConsumerId, options, subscriber)
            : await OpenBroadcastAsync(options, subscriber);
    }

    /// <summary>Moves a place; one that is not there is made.</summary>
    public async Task SeekAsync(SeekRequest request)
    {
        var start = await FindStartAsync(request.Position, request.Time, request.After, "after");
        if (start.IsLost)
        {
            throw BrokerErrors.OptionNotSupported(
                _state.Name, "after", "messages behind this cursor are gone; seek to the beginning to get all that is left");
        }

        var slot = _places.GetOrAdd((request.Kind, request.Name), static _ => new PlaceSlot());
        await slot.Turn.WaitAsync();
        try
        {
            if (slot.Place is { IsOpen: true } open)
            {
                await open.MoveAsync(start.Start).WaitAsync(_state.Settings.Timeout, _state.Time);
                return;
            }

            await (slot.Place?.Closed ?? Task.CompletedTask);
            ThrowIfEnded();
            var visit = new Place(this, request.Kind, request.Name, _state);
            try
            {
                await visit.OpenAsync(start, options: null);
                await visit.MoveAsync(start.Start).WaitAsync(_state.Settings.Timeout, _state.Time);
                slot.WasOpened = true;
            }
            finally
            {
                await visit.CloseAsync();
            }
        }
        catch (TimeoutException exception)
        {
            throw new BrokerException(BrokerErrorCode.Unavailable, "Kafka has not answered in time; the place may be moved all the same", exception);
        }
        finally
        {
            slot.Turn.Release();
        }
    }

    private async Task<PlaceMember> OpenPlaceAsync(PlaceKind kind, string name, SubscribeOptions options, ISubscriber subscriber)
    {
        var slot = _places.GetOrAdd((kind, name), static _ => new PlaceSlot());
        await slot.Turn.WaitAsync();
        try
        {
            if (slot.Place is { } before)
            {
                if (before.TryJoin(options, subscriber, PlaceOpening.From(kind, options, isNew: false, isLost: false)) is { } joined)
                {
                    return joined;
                }

                await before.Closed;
                slot.Place = null;
            }

            ThrowIfEnded();
            var start = await FindStartAsync(options.Start, options.StartTime, options.ResumeAfter, "resume_after");
            var place = new Place(this, kind, name, _state);
            PlaceOpening opening;
            try
            {
                opening = await place.OpenAsync(start, options);
            }
            catch
            {
                await place.Closed;
                throw;
            }

            slot.Place = place;
            slot.WasOpened = true;
            if (FindEnd() is not { } why)
            {
                return place.TryJoin(options, subscriber, opening) ?? throw (FindEnd() ?? BrokerErrors.EventNotRegistered)();
            }

            place.End(why);
            throw why();
        }
        finally
        {
            slot.Turn.Release();
        }
    }

    private async Task<BroadcastSubscription> OpenBroadcastAsync(SubscribeOptions options, ISubscriber subscriber)
    {
        var start = await FindStartAsync(options.Start, options.StartTime, options.ResumeAfter, "resume_after");
        var resume = options.ResumeAfter is null ? ResumeOutcome.NotAsked : start.IsLost ? ResumeOutcome.Lost : ResumeOutcome.Exact;
        var isAtEnd = options.ResumeAfter is null && options.Start is StartPosition.Unspecified or StartPosition.Latest;
        var subscription = new BroadcastSubscription(this, options, subscriber, start, isAtEnd, resume, _state);
        lock (_gate)
        {
            if (FindEnd() is not { } why)
            {
                _broadcasts.Add(subscription);
                return subscription;
            }

            throw why();
        }
    }

    private async Task<PlaceStart> FindStartAsync(StartPosition position, DateTimeOffset? time, string? after, string option)
    {
        var partitions = PartitionCount;
        var cursor = after is null ? default : KafkaCursor.Parse(after, option);
        var earliest = await _state.Cluster.GetEarliestAsync(Topic, partitions);
        if (after is not null)
        {
            return FromCursor(cursor.Epoch, cursor.Next, earliest);
        }

        if (position == StartPosition.Beginning)
        {
            return new PlaceStart(earliest, [.. earliest], IsLost: false);
        }

        var latest = await _state.Cluster.GetLatestAsync(Topic, partitions);
        if (position == StartPosition.Timestamp)
        {
            var found = await _state.Admin.FindOffsetsAsync(Topic, partitions, time ?? DateTimeOffset.UnixEpoch);
            return new PlaceStart(earliest, [.. found.Select((offset, p) => offset < 0 ? latest[p] : offset)], IsLost: false);
        }

        return new PlaceStart(earliest, latest, IsLost: false);
    }

    // A partition that there was not then has nothing that was read.
    private PlaceStart FromCursor(ulong epoch, long[] next, long[] earliest)
    {
        if (epoch != Epoch)
        {
            return new PlaceStart(earliest, [.. earliest], IsLost: true);
        }

        var isLost = false;
        var start = new long[earliest.Length];
        for (var i = 0; i < start.Length; i++)
        {
            start[i] = i < next.Length ? next[i] : earliest[i];
            isLost |= start[i] < earliest[i];
        }

        return new PlaceStart(earliest, start, isLost);
    }
}
