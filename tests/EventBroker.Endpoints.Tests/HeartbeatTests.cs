using EventBroker.Endpoints.Streaming;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace EventBroker.Endpoints.Tests;

// A beat every 10 seconds, whose answer must come within 4.
public sealed class HeartbeatTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Peer _peer = new();

    [Fact]
    public async Task A_stream_beats_until_it_is_disposed_of()
    {
        using var pulse = Pulse();
        var heartbeat = pulse.Start(_peer);
        Pass(9.9);
        Assert.Equal(0, _peer.Beats);
        Pass(0.1);
        Pass(10);
        Assert.Equal(2, _peer.Beats);

        await heartbeat.DisposeAsync();
        Pass(30);

        Assert.Equal((2, 0), (_peer.Beats, _peer.GivenUp));
    }

    [Fact]
    public async Task A_peer_that_does_not_answer_in_time_is_given_up()
    {
        using var pulse = Pulse();
        await using var heartbeat = pulse.Start(_peer);
        _peer.Owes = true;
        Pass(10);

        Pass(3.9);
        Assert.Equal(0, _peer.GivenUp);
        Pass(0.1);

        Assert.Equal(1, _peer.GivenUp);
    }

    [Fact]
    public async Task A_peer_that_answers_is_kept()
    {
        using var pulse = Pulse();
        await using var heartbeat = pulse.Start(_peer);
        _peer.Owes = true;
        Pass(10);
        Pass(2);
        _peer.Owes = false;

        Pass(2);

        Assert.Equal(0, _peer.GivenUp);
    }

    // With a timeout longer than the time between two beats, the second must not give more time for the first.
    [Fact]
    public async Task A_further_beat_gives_no_more_time()
    {
        using var pulse = Pulse(pong: 15);
        await using var heartbeat = pulse.Start(_peer);
        _peer.Owes = true;
        Pass(10);
        Pass(10);
        Assert.Equal((2, 0), (_peer.Beats, _peer.GivenUp));

        Pass(5);
        Assert.Equal(1, _peer.GivenUp);

        // And asks for none of its own.
        Pass(10);
        Assert.Equal(1, _peer.GivenUp);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(1.1, false)]
    public async Task A_broker_that_stood_still_itself_gives_more_time(double late, bool isGivenUp)
    {
        using var pulse = Pulse();
        await using var heartbeat = pulse.Start(_peer);
        _peer.Owes = true;
        Pass(10);

        Pass(4 + late);
        Assert.Equal(isGivenUp, _peer.GivenUp == 1);
        Pass(4);

        Assert.Equal(1, _peer.GivenUp);
    }

    [Fact]
    public async Task What_is_disposed_of_while_an_answer_is_owed_is_not_given_up()
    {
        using var pulse = Pulse();
        var heartbeat = pulse.Start(_peer);
        _peer.Owes = true;
        Pass(10);

        await heartbeat.DisposeAsync();
        Pass(30);

        Assert.Equal(0, _peer.GivenUp);
    }

    [Fact]
    public async Task A_beat_that_takes_long_is_not_overtaken_and_is_waited_for()
    {
        using var pulse = Pulse();
        var heartbeat = pulse.Start(_peer);
        var writing = new TaskCompletionSource();
        _peer.Writing = writing.Task;
        Pass(10);
        Pass(10);
        Assert.Equal(1, _peer.Beats);

        var disposing = heartbeat.DisposeAsync();
        Assert.False(disposing.IsCompleted);
        writing.SetResult();

        await disposing;
    }

    [Fact]
    public async Task A_beat_that_fails_is_the_last()
    {
        using var pulse = Pulse();
        await using var heartbeat = pulse.Start(_peer);
        _peer.Writing = Task.FromException(new IOException("gone"));

        Pass(10);
        Pass(30);

        Assert.Equal(1, _peer.Beats);
    }

    [Fact]
    public async Task Without_a_time_to_answer_nobody_is_given_up()
    {
        using var pulse = Pulse(pong: 0);
        Assert.False(pulse.AsksForAnswers);
        await using var heartbeat = pulse.Start(_peer);
        _peer.Owes = true;

        Pass(10);
        Pass(10);

        Assert.Equal((2, 0), (_peer.Beats, _peer.GivenUp));
    }

    private Pulse Pulse(double pong = 4) => new(
        Options.Create(new EventBrokerOptions { HeartbeatInterval = TimeSpan.FromSeconds(10), PongTimeout = TimeSpan.FromSeconds(pong) }), _time);

    private void Pass(double seconds) => _time.Advance(TimeSpan.FromSeconds(seconds));

    private sealed class Peer : IHasHeartbeat
    {
        public int Beats { get; private set; }

        public int GivenUp { get; private set; }

        public bool Owes { get; set; }

        public Task Writing { get; set; } = Task.CompletedTask;

        bool IHasHeartbeat.IsUnanswered => Owes;

        void IHasHeartbeat.GiveUp() => GivenUp++;

        ValueTask IHasHeartbeat.BeatAsync()
        {
            Beats++;
            return new ValueTask(Writing);
        }
    }
}
