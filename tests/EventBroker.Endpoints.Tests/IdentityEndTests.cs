using EventBroker.Broker.Access;
using EventBroker.Endpoints.Http;
using Microsoft.Extensions.Time.Testing;

namespace EventBroker.Endpoints.Tests;

// When a call that lasts ends with its caller's identity.
public sealed class IdentityEndTests
{
    // A timer counts no further than 49 days.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(49);

    private readonly FakeTimeProvider _time = new();
    private readonly InProcessCaller _caller = new();

    [Fact]
    public void The_end_comes_when_it_is_due()
    {
        _caller.ExpiresAt = _time.GetUtcNow() + TimeSpan.FromMinutes(1);
        using var end = new IdentityEnd(_caller, _time, default);

        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal((false, false), (end.HasCome, end.Token.IsCancellationRequested));
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal((true, true), (end.HasCome, end.Token.IsCancellationRequested));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void An_identity_that_has_ended_already_ends_the_call_at_once(int seconds)
    {
        _caller.ExpiresAt = _time.GetUtcNow() + TimeSpan.FromSeconds(seconds);

        using var end = new IdentityEnd(_caller, _time, default);

        Assert.True(end.HasCome);
    }

    [Fact]
    public void An_identity_may_get_an_end_and_lose_it()
    {
        using var end = new IdentityEnd(_caller, _time, default);
        _time.Advance(TimeSpan.FromDays(100));
        Assert.False(end.HasCome);

        _caller.ExpiresAt = _time.GetUtcNow() + TimeSpan.FromMinutes(1);
        end.Watch();
        _caller.ExpiresAt = null;
        end.Watch();
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.False(end.HasCome);

        _caller.ExpiresAt = _time.GetUtcNow() + TimeSpan.FromMinutes(1);
        end.Watch();
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(end.HasCome);
    }

    [Fact]
    public void What_is_as_far_away_as_a_timer_counts_is_timed()
    {
        _caller.ExpiresAt = _time.GetUtcNow() + Longest;
        using var end = new IdentityEnd(_caller, _time, default);

        _time.Advance(Longest);

        Assert.True(end.HasCome);
    }

    [Fact]
    public void What_is_further_away_is_timed_once_it_is_looked_at_again()
    {
        _caller.ExpiresAt = _time.GetUtcNow() + Longest + TimeSpan.FromDays(1);
        using var end = new IdentityEnd(_caller, _time, default);
        _time.Advance(TimeSpan.FromDays(1));
        end.Watch();

        _time.Advance(Longest - TimeSpan.FromSeconds(1));
        Assert.False(end.HasCome);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.True(end.HasCome);
    }

    [Fact]
    public async Task The_calls_own_end_is_not_its_identitys()
    {
        using var call = new CancellationTokenSource();
        using var end = new IdentityEnd(_caller, _time, call.Token);

        await call.CancelAsync();

        Assert.Equal((false, true), (end.HasCome, end.Token.IsCancellationRequested));
        Assert.Contains("authenticate again", IdentityEnd.Told().Message, StringComparison.Ordinal);
    }
}
