using EventBroker.Client.Tests.Faults;
using Microsoft.Extensions.Time.Testing;

namespace EventBroker.Client.Tests.Hosting;

// A clock that tells when something waits for it. A test that moves the clock before that moves it past nothing, and waits for ever:
// what the network shows is no sign, since HTTP/2 sends frames of its own.
internal sealed class WatchedTime(TimeSpan watched) : FakeTimeProvider
{
    private readonly Counted _timers = new();

    // How many timers were set to end after the watched time.
    public int Timers => _timers.Value;

    public Task HasTimersAsync(int count) => _timers.ReachAsync(count);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new WatchedTimer(this, base.CreateTimer(callback, state, dueTime, period));
        Set(dueTime);
        return timer;
    }

    private void Set(TimeSpan dueTime)
    {
        if (dueTime == watched)
        {
            _timers.Increment();
        }
    }

    private sealed class WatchedTimer(WatchedTime time, ITimer timer) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var changed = timer.Change(dueTime, period);
            time.Set(dueTime);
            return changed;
        }

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
