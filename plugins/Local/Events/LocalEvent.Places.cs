using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Local.Places;
using EventBroker.Transport.Local.Storage;

namespace EventBroker.Transport.Local.Events;

internal abstract partial class LocalEvent
{
    public EventDescription Describe()
    {
        Log.Expire(Log.NowTicks);
        Place[] places;
        lock (_lock)
        {
            ThrowIfGone();
            _places.ExpireGroups();
            places = [.. _places.All];
        }

        Log.Count(out var messages, out var bytes);
        return new EventDescription
        {
            Options = Options,
            Messages = messages,
            Bytes = bytes,
            Groups = [.. places.Select(static p => p.Describe())],
        };
    }

    /// <summary>Adds a place that a process before this one has left. Before anybody subscribes.</summary>
    /// <param name="kind">Whose place.</param>
    /// <param name="name">The group or consumer id.</param>
    /// <param name="cursor">Where new messages begin.</param>
    /// <param name="journal">What is told of everything that happens to it.</param>
    /// <param name="lease">The generation of the place.</param>
    /// <param name="options">What its members have agreed on.</param>
    /// <param name="returned">What was handed over and not settled, with how long it still waits.</param>
    public void Restore(
        PlaceKind kind,
        string name,
        LogCursor cursor,
        IPlaceJournal journal,
        Lease lease,
        GroupOptions? options,
        IEnumerable<(Returned Message, TimeSpan Delay)> returned)
    {
        lock (_lock)
        {
            var place = _places.Restore(kind, name, cursor, journal, lease);
            place.Begin(options, Task.CompletedTask, returned);
            _places.Close(place);
        }
    }

    /// <summary>Moves a place, or makes it there.</summary>
    /// <returns>A task that ends when that is remembered as long as places are.</returns>
    public async ValueTask SeekAsync(SeekRequest request)
    {
        Start start;
        if (request.After is { } after)
        {
            start = FindCursor(after, "after");
            if (start.Outcome == ResumeOutcome.Lost)
            {
                throw BrokerErrors.OptionNotSupported(
                    State.Name, "after", "messages behind this cursor are lost; start at the beginning or at a time");
            }
        }
        else
        {
            start = new Start(FindStart(request.Position, request.Time), ResumeOutcome.NotAsked);
        }

        Place? place;
        var isNew = false;
        lock (_lock)
        {
            ThrowIfGone();
            place = _places.Find(request.Kind, request.Name);
            if (place is null)
            {
                place = _places.Add(request.Kind, request.Name, start.Cursor, options: null);
                _places.Close(place);
                isNew = true;
            }
        }

        await MadeAsync(place);
        if (!isNew)
        {
            await place.SeekAsync(start.Cursor);
        }
    }

    // A place that can't be remembered is none.
    private async ValueTask MadeAsync(Place place)
    {
        try
        {
            await place.Made;
        }
        catch
        {
            lock (_lock)
            {
                _places.Remove(place);
            }

            throw;
        }
    }

    private LogCursor FindStart(StartPosition position, DateTimeOffset? time)
    {
        switch (position)
        {
            case StartPosition.Beginning:
                Log.Expire(Log.NowTicks);
                return new LogCursor { Next = Log.Oldest };
            case StartPosition.Timestamp:
                var ticks = Log.FromWallClock((time ?? throw new BrokerException(
                    BrokerErrorCode.InvalidArgument, "start_time is required with start_from=timestamp")).UtcTicks);
                Log.Expire(Log.NowTicks);
                return new LogCursor { Next = Math.Max(Log.LowerBound(ticks), Log.Oldest) };
            default:
                return new LogCursor { Next = Log.Tail };
        }
    }

    private Start FindCursor(string text, string option)
    {
        Log.Expire(Log.NowTicks);
        if (!Position.TryParse(text, out var position))
        {
            throw new BrokerException(BrokerErrorCode.InvalidArgument, option + " is not a cursor of this event");
        }

        if (position.High != Log.Epoch)
        {
            // Made before the event was registered anew or the broker restarted: nobody knows how much is lost.
            return new Start(new LogCursor { Next = Log.Oldest }, ResumeOutcome.Lost);
        }

        if (position.Low >= Log.Tail)
        {
            throw new BrokerException(BrokerErrorCode.InvalidArgument, option + " is a cursor beyond the end of the event");
        }

        var cursor = new LogCursor { Next = position.Low + 1 };
        return new Start(cursor, cursor.Next < Log.Oldest ? ResumeOutcome.Lost : ResumeOutcome.Exact);
    }

    /// <summary>Where to begin, and what is said of it.</summary>
    private readonly record struct Start(LogCursor Cursor, ResumeOutcome Outcome);
}
