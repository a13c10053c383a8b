using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Memory.Places;
using EventBroker.Transport.Memory.Storage;

namespace EventBroker.Transport.Memory.Events;

internal sealed partial class EventEntry
{
    public EventDescription Describe()
    {
        Log.Expire(NowTicks);
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
            Options = Limits.ToOptions(),
            Messages = messages,
            Bytes = bytes,
            Groups = [.. places.Select(static p => p.Describe())],
        };
    }

    /// <summary>Moves a place, or makes it there.</summary>
    public void Seek(SeekRequest request)
    {
        Start start;
        if (request.After is { } after)
        {
            start = FindCursor(after, "after");
            if (start.Outcome == ResumeOutcome.Lost)
            {
                throw BrokerErrors.OptionNotSupported(
                    _transport.Name, "after", "messages behind this cursor are lost; start at the beginning or at a time");
            }
        }
        else
        {
            start = new Start(FindStart(request.Position, request.Time), ResumeOutcome.NotAsked);
        }

        Action tell;
        lock (_lock)
        {
            ThrowIfGone();
            if (_places.Find(request.Kind, request.Name) is not { } place)
            {
                _places.Close(_places.Add(request.Kind, request.Name, start.Cursor));
                return;
            }

            tell = place.Seek(start.Cursor);
        }

        tell();
    }

    private LogCursor FindStart(StartPosition position, DateTimeOffset? time)
    {
        switch (position)
        {
            case StartPosition.Beginning:
                Log.Expire(NowTicks);
                return new LogCursor { Next = Log.Oldest };
            case StartPosition.Timestamp:
                var ticks = (time ?? throw new BrokerException(
                    BrokerErrorCode.InvalidArgument, "start_time is required with start_from=timestamp")).UtcTicks;
                Log.Expire(NowTicks);
                return new LogCursor { Next = Math.Max(Log.LowerBound(ticks), Log.Oldest) };
            default:
                return new LogCursor { Next = Log.Tail };
        }
    }

    private Start FindCursor(string text, string option)
    {
        Log.Expire(NowTicks);
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
