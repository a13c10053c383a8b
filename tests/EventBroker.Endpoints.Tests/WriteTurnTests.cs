using EventBroker.Endpoints.Streaming;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Time.Testing;

namespace EventBroker.Endpoints.Tests;

// Several writers of one connection, which has 5 seconds to take what is written.
public sealed class WriteTurnTests : IHttpRequestLifetimeFeature
{
    private readonly FakeTimeProvider _time = new();
    private readonly DefaultHttpContext _http = new();
    private readonly TaskCompletionSource _cut = new();
    private readonly StreamConnection _connection;
    private readonly WriteTurn _turn;

    public WriteTurnTests()
    {
        _http.Features.Set<IHttpRequestLifetimeFeature>(this);
        _connection = new StreamConnection(_http);
        _turn = new WriteTurn(_connection, TimeSpan.FromSeconds(5), _time);
    }

    CancellationToken IHttpRequestLifetimeFeature.RequestAborted { get; set; }

    void IHttpRequestLifetimeFeature.Abort() => _cut.TrySetResult();

    [Fact]
    public async Task One_writes_after_the_other()
    {
        var first = new TaskCompletionSource();
        var written = new List<string>();
        var one = _turn.WriteAsync(() => new ValueTask(first.Task)).AsTask();
        var two = _turn.WriteAsync(() => Write("two")).AsTask();
        Assert.Empty(written);

        // Whoever need not write does not wait.
        await _turn.TryWriteAsync(() => Write("three"));
        Assert.Empty(written);

        first.SetResult();
        await one;
        await two;
        await _turn.TryWriteAsync(() => Write("four"));
        Assert.Equal(["two", "four"], written);

        ValueTask Write(string what)
        {
            written.Add(what);
            return default;
        }
    }

    [Fact]
    public async Task A_write_that_fails_gives_its_turn_back()
    {
        await Assert.ThrowsAsync<IOException>(() => _turn.WriteAsync(static () => ValueTask.FromException(new IOException("gone"))).AsTask());

        var next = _turn.EnterAsync();
        Assert.True(next.IsCompleted);
        await next;
    }

    [Fact]
    public async Task A_connection_that_takes_nothing_is_cut_under_whoever_writes()
    {
        var writing = new TaskCompletionSource();
        var one = _turn.WriteAsync(() => new ValueTask(writing.Task)).AsTask();
        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(_connection.IsCut);

        _time.Advance(TimeSpan.FromSeconds(0.1));
        await _cut.Task;
        Assert.True(_connection.IsCut);
        Assert.Contains("took no more bytes", _connection.CutReason, StringComparison.Ordinal);

        // It is the cut that brings the write back.
        Assert.False(one.IsCompleted);
        writing.SetException(new IOException("cut"));
        await Assert.ThrowsAsync<IOException>(() => one);
    }

    [Fact]
    public async Task The_last_turn_waits_for_whoever_writes()
    {
        await _turn.EnterAsync();
        var last = _turn.CloseAsync(TimeSpan.FromSeconds(1));
        _time.Advance(TimeSpan.FromSeconds(0.9));
        Assert.False(last.IsCompleted);

        _turn.Exit();
        await last;

        Assert.False(_connection.IsCut);
        var next = _turn.EnterAsync();
        Assert.False(next.IsCompleted);
    }

    [Fact]
    public async Task The_last_turn_cuts_who_writes_for_too_long_and_waits_for_it_then()
    {
        await _turn.EnterAsync();
        var last = _turn.CloseAsync(TimeSpan.FromSeconds(1));

        _time.Advance(TimeSpan.FromSeconds(1));
        await _cut.Task;
        Assert.False(last.IsCompleted);
        _turn.Exit();

        await last;
    }

    // The server uses the same context for the next call.
    [Fact]
    public void What_is_released_cannot_be_cut()
    {
        _connection.Release();

        ((IThreadPoolWorkItem)_connection).Execute();

        Assert.Equal((false, false), (_connection.IsCut, _cut.Task.IsCompleted));
    }

    [Fact]
    public void A_stream_that_can_be_reset_is()
    {
        var reset = new Reset();
        _http.Features.Set<IHttpResetFeature>(reset);

        ((IThreadPoolWorkItem)_connection).Execute();

        Assert.Equal((7, false), (reset.Code, _cut.Task.IsCompleted));
    }

    private sealed class Reset : IHttpResetFeature
    {
        public int Code { get; private set; }

        void IHttpResetFeature.Reset(int errorCode) => Code = errorCode;
    }
}
