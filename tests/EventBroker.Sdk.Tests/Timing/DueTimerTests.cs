using EventBroker.Sdk.Timing;
using Microsoft.Extensions.Time.Testing;

namespace EventBroker.Sdk.Tests.Timing;

public sealed class DueTimerTests
{
    private readonly FakeTimeProvider _clock = new();

    [Theory]
    [InlineData(1)]
    [InlineData(25)]
    [InlineData(50)]
    [InlineData(400)]
    public void A_time_many_days_away_is_met(int days)
    {
        var owner = new Owner(_clock);
        owner.Add("a", TimeSpan.FromDays(days));
        _clock.Advance(TimeSpan.FromDays(days) - TimeSpan.FromHours(1));
        Assert.Empty(owner.Came);
        _clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal(["a"], owner.Came);
    }

    [Fact]
    public void A_time_behind_another_is_met_and_so_is_one_before_it()
    {
        var owner = new Owner(_clock);
        owner.Add("300", TimeSpan.FromMilliseconds(300));
        owner.Add("700", TimeSpan.FromMilliseconds(700));
        owner.Add("100", TimeSpan.FromMilliseconds(100));
        foreach (var expected in new string[][] { ["100"], ["100", "300"], ["100", "300"], ["100", "300", "700"] })
        {
            _clock.Advance(TimeSpan.FromMilliseconds(200));
            Assert.Equal(expected, owner.Came);
        }
    }

    [Fact]
    public void Times_that_follow_each_other_closely_are_all_met()
    {
        var owner = new Owner(_clock);
        for (var i = 0; i < 5; i++)
        {
            owner.Add($"{i}", TimeSpan.FromMilliseconds(500));
            _clock.Advance(TimeSpan.FromMilliseconds(20));
        }

        _clock.Advance(TimeSpan.FromMilliseconds(500));
        Assert.Equal(["0", "1", "2", "3", "4"], owner.Came);
    }

    [Fact]
    public void A_time_that_never_comes_arms_nothing()
    {
        var owner = new Owner(_clock);
        owner.Add("never", TimeSpan.MaxValue);
        _clock.Advance(TimeSpan.FromDays(10_000));
        Assert.Empty(owner.Came);
        owner.Add("soon", TimeSpan.FromSeconds(1));
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(["soon"], owner.Came);
    }

    [Fact]
    public void After_its_disposal_it_calls_no_more()
    {
        var owner = new Owner(_clock);
        owner.Add("a", TimeSpan.FromSeconds(1));
        owner.Timer.Dispose();
        owner.Add("b", TimeSpan.FromMilliseconds(1));
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Empty(owner.Came);
    }

    // As an owner is to use it: everything that waits in a queue, armed for the earliest after each change and each call.
    private sealed class Owner
    {
        private readonly TimeProvider _clock;
        private readonly DueQueue<string> _queue = new();

        public Owner(TimeProvider clock)
        {
            _clock = clock;
            Timer = new DueTimer(clock, OnDue);
        }

        public DueTimer Timer { get; }

        public List<string> Came { get; } = [];

        public void Add(string item, TimeSpan delay)
        {
            _queue.Add(item, Timer.After(delay));
            Timer.Arm(_queue.NextDue);
        }

        private void OnDue()
        {
            _queue.Promote(_clock.GetTimestamp());
            while (_queue.TryTakeDue(out var item))
            {
                Came.Add(item);
            }

            Timer.Arm(_queue.NextDue);
        }
    }
}
