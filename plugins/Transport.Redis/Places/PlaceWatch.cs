using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Timing;
using EventBroker.Transport.Redis.Events;
using EventBroker.Transport.Redis.Scripts;
using StackExchange.Redis;

namespace EventBroker.Transport.Redis.Places;

/// <summary>Looks after all places of an event that have members here, many in one call, so that idle ones cost nearly nothing: whether there
/// is something that nobody has told of, whether a place has changed or gone, and whether another host has died.</summary>
internal sealed class PlaceWatch : IDisposable
{
    // A call holds the server up for all others, so it is bounded: about a millisecond for so many.
    private const int LookedAtTogether = 500;
    private const int ReapedTogether = 50;

    private readonly Lock _gate = new();
    private readonly EventEntry _entry;
    private readonly DueTimer _timer;
    private long _nextLook = long.MaxValue;
    private long _nextReap = long.MaxValue;
    private bool _isWatching;
    private bool _isClosed;

    public PlaceWatch(EventEntry entry)
    {
        _entry = entry;
        _timer = new DueTimer(entry.State.Time, OnTimer);
    }

    private RedisState State => _entry.State;

    /// <summary>Begins to look after a place. What a dead host has left there may have waited long enough already, so that is looked for now.</summary>
    public void Begin(Place place)
    {
        Schedule();
        _ = ReapAsync([place]);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isClosed = true;
            _timer.Dispose();
        }
    }

    private void Schedule()
    {
        lock (_gate)
        {
            if (!_isClosed && !_isWatching)
            {
                _nextLook = Math.Min(_nextLook, _timer.After(State.Settings.PollInterval));
                _nextReap = Math.Min(_nextReap, _timer.After(State.Settings.IdleLimit / 3));
                _timer.Arm(Math.Min(_nextLook, _nextReap));
            }
        }
    }

    private void OnTimer()
    {
        bool looks, reaps;
        lock (_gate)
        {
            var now = State.Time.GetTimestamp();
            looks = now >= _nextLook;
            reaps = now >= _nextReap;
            _nextLook = looks ? long.MaxValue : _nextLook;
            _nextReap = reaps ? long.MaxValue : _nextReap;
            _isWatching = looks || reaps;
            if (!_isClosed && !_isWatching)
            {
                _timer.Arm(Math.Min(_nextLook, _nextReap));
            }
        }

        if (looks || reaps)
        {
            _ = WatchAsync(looks, reaps);
        }
    }

    // The next time begins when this one has ended, so that a slow server is not asked twice at once; without places there is none.
    private async Task WatchAsync(bool looks, bool reaps)
    {
        var places = _entry.GetPlaces();
        if (looks && places.Length > 0)
        {
            await LookAsync(places);
        }

        if (reaps && places.Length > 0)
        {
            await ReapAsync(places);
        }

        lock (_gate)
        {
            _isWatching = false;
        }

        if (_entry.GetPlaces().Length > 0)
        {
            Schedule();
        }
    }

    private Task LookAsync(Place[] places) => GuardAsync(async () =>
    {
        foreach (var chunk in places.Chunk(LookedAtTogether))
        {
            var result = await _entry.RunAsync(
                Script.Watch,
                [_entry.Keys.Stream, _entry.Keys.Meta],
                () => [_entry.Registration.Id, _entry.Generation, .. chunk.SelectMany(static p => p.Describe())]);
            for (var i = 1; i < (result?.Length ?? 0); i++)
            {
                var group = (string)result![i]!;
                Array.Find(chunk, p => p.Group == group)?.Attend();
            }
        }
    });

    private Task ReapAsync(Place[] places) => GuardAsync(async () =>
    {
        await Task.Yield();
        foreach (var place in places)
        {
            await place.GiveBackStaleAsync();
        }

        foreach (var chunk in places.Chunk(ReapedTogether))
        {
            var result = await State.Backend.RunAsync(
                Script.Reap,
                [_entry.Keys.Stream],
                [_entry.Keys.Channel, RedisState.Milliseconds(State.Settings.IdleLimit), .. chunk.Select(static p => (RedisValue)p.Group)]);
            for (var i = 0; i < chunk.Length; i++)
            {
                chunk[i].OnReaped((int)result[2 * i], (long)result[(2 * i) + 1]);
            }
        }

        if (_entry.IsSweepDue())
        {
            await _entry.SweepAsync();
        }
    });

    private async Task GuardAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (BrokerException)
        {
            // Said in the log as an outage; tried again after a while.
        }
#pragma warning disable CA1031 // Nobody waits for it: what goes wrong is logged, and tried again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            RedisLog.ReadFailed(State.Logger, exception, _entry.Name);
        }
    }
}
