using System.Buffers;
using System.IO.Pipelines;
using EventBroker.Endpoints.Http;
using EventBroker.Sdk.Errors;
using Microsoft.Extensions.Time.Testing;

namespace EventBroker.Endpoints.Tests;

// How long a stream of messages may take, and of what.
public sealed class StreamBodyTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Pipe _pipe = new();

    [Fact]
    public async Task Between_two_messages_nothing_need_come()
    {
        using var body = new StreamBody(_pipe.Reader, 10, _time);
        await SendAsync(100);
        await ReadAsync(body, consumed: 100);
        var next = ReadAsync(body, consumed: 100);

        _time.Advance(TimeSpan.FromDays(1));
        await SendAsync(100);

        Assert.Equal(100, await next);
    }

    [Fact]
    public async Task A_message_that_has_begun_and_does_not_go_on_is_given_up()
    {
        using var body = new StreamBody(_pipe.Reader, 10, _time);
        await SendAsync(100);
        await ReadAsync(body, consumed: 40);
        var next = ReadAsync(body, consumed: 0);

        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(next.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(BrokerErrorCode.DeadlineExceeded, (await Assert.ThrowsAsync<BrokerException>(() => next)).Code);
    }

    [Theory]
    [InlineData(150, true)]
    [InlineData(149, false)]
    public async Task A_message_that_goes_on_has_its_rate(int bytesIn15Seconds, bool isEnough)
    {
        using var body = new StreamBody(_pipe.Reader, 10, _time);
        await SendAsync(100);
        await ReadAsync(body, consumed: 0);
        for (var i = 1; i < 10; i++)
        {
            var next = ReadAsync(body, consumed: 0);
            _time.Advance(TimeSpan.FromSeconds(15));
            await SendAsync(bytesIn15Seconds);
            if (i % 2 == 0 && !isEnough)
            {
                Assert.Equal(BrokerErrorCode.DeadlineExceeded, (await Assert.ThrowsAsync<BrokerException>(() => next)).Code);
                return;
            }

            Assert.Equal(100 + (i * bytesIn15Seconds), await next);
        }
    }

    // The server's reader says so by an exception, and on a timer that would be the end of the process.
    [Fact]
    public async Task Giving_up_a_request_that_is_aborted_already_is_nothing()
    {
        using var body = new StreamBody(new AbortedReader(_pipe.Reader), 10, _time);
        await SendAsync(100);
        await ReadAsync(body, consumed: 40);
        var next = ReadAsync(body, consumed: 0);

        _time.Advance(TimeSpan.FromSeconds(30));
        await _pipe.Writer.CompleteAsync(new IOException("aborted"));

        Assert.Equal("aborted", (await Assert.ThrowsAsync<IOException>(() => next)).Message);
    }

    // However fast it came before.
    [Fact]
    public async Task A_message_that_stands_still_is_given_up()
    {
        using var body = new StreamBody(_pipe.Reader, 10, _time);
        await SendAsync(1);
        await ReadAsync(body, consumed: 0);
        await SendAsync(10_000);
        await ReadAsync(body, consumed: 0);
        var next = ReadAsync(body, consumed: 0);

        _time.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(BrokerErrorCode.DeadlineExceeded, (await Assert.ThrowsAsync<BrokerException>(() => next)).Code);

        // What was there is given back: the server reads on, to the end of the body.
        await SendAsync(7);
        Assert.Equal(7, (await _pipe.Reader.ReadAsync()).Buffer.Length);
    }

    // What waited for the first must not end the wait for the second.
    [Fact]
    public async Task A_message_that_came_in_the_end_takes_its_time_along()
    {
        using var body = new StreamBody(_pipe.Reader, 10, _time);
        await SendAsync(100);
        await ReadAsync(body, consumed: 40);
        var next = ReadAsync(body, consumed: 100);
        _time.Advance(TimeSpan.FromSeconds(1));
        await SendAsync(40);
        await next;

        var second = ReadAsync(body, consumed: 10);
        _time.Advance(TimeSpan.FromDays(1));
        await SendAsync(10);

        Assert.Equal(10, await second);
    }

    [Fact]
    public async Task What_is_there_already_can_be_taken_without_waiting()
    {
        using var body = new StreamBody(_pipe.Reader, 10, _time);
        Assert.False(body.TryRead(out _));
        await SendAsync(100);

        Assert.True(body.TryRead(out var result));
        body.AdvanceTo(result.Buffer.GetPosition(40), result.Buffer.End);

        // The rest is the beginning of a message, as it is of one that was waited for.
        var next = ReadAsync(body, consumed: 0);
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(BrokerErrorCode.DeadlineExceeded, (await Assert.ThrowsAsync<BrokerException>(() => next)).Code);
    }

    [Fact]
    public async Task Each_message_has_a_time_of_its_own()
    {
        using var body = new StreamBody(_pipe.Reader, 10, _time);
        await SendAsync(100);
        await ReadAsync(body, consumed: 50);
        for (var i = 0; i < 10; i++)
        {
            // The end of one message, and a few bytes of the next.
            var next = ReadAsync(body, consumed: 60);
            _time.Advance(TimeSpan.FromSeconds(29));
            await SendAsync(60);
            Assert.Equal(110, await next);
        }
    }

    private async Task SendAsync(int bytes) => await _pipe.Writer.WriteAsync(new byte[bytes]);

    // How much there was. What is consumed is whole messages, what is left the beginning of one.
    private static async Task<long> ReadAsync(StreamBody body, int consumed)
    {
        var buffer = (await body.ReadAsync()).Buffer;
        body.AdvanceTo(buffer.GetPosition(consumed), buffer.End);
        return buffer.Length;
    }

    private sealed class AbortedReader(PipeReader inner) : PipeReader
    {
        public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

        public override void CancelPendingRead() => throw new Microsoft.AspNetCore.Connections.ConnectionAbortedException();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) => inner.ReadAsync(cancellationToken);

        public override bool TryRead(out ReadResult result) => inner.TryRead(out result);
    }
}
