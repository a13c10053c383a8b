using System.Buffers;
using System.IO.Pipelines;
using EventBroker.Endpoints.Http;
using EventBroker.Sdk.Errors;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace EventBroker.Endpoints.Tests;

// How large a body may be and how long it may take: 10 bytes a second, looked at every 5 seconds.
public sealed class BodiesTests
{
    private readonly FakeTimeProvider _time = new();

    // What is sent is read before the test goes on, and its clock.
    private readonly Pipe _pipe = new(new PipeOptions(readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_is_read_to_its_end(bool isThere)
    {
        if (isThere)
        {
            await SendAsync(100, isAll: true);
        }

        var reading = ReadAsync(limit: 100);
        if (!isThere)
        {
            await SendAsync(40);
            Assert.False(reading.IsCompleted);
            await SendAsync(60, isAll: true);
        }

        Assert.Equal(100, await reading);
    }

    [Fact]
    public async Task One_byte_too_many_is_refused_before_the_rest_has_come()
    {
        await SendAsync(101);

        var refused = await Assert.ThrowsAsync<BrokerException>(() => ReadAsync(limit: 100));

        Assert.Equal((BrokerErrorCode.ResourceExhausted, "the request body is larger than 100 bytes", true), (refused.Code, refused.Message, refused.IsFinal));
        await AssertIsFreeAsync();
    }

    [Fact]
    public async Task What_stands_still_is_given_up()
    {
        await SendAsync(1000);
        var reading = ReadAsync(limit: 10_000);

        _time.Advance(TimeSpan.FromSeconds(5) - TimeSpan.FromTicks(1));
        Assert.False(reading.IsCompleted);
        _time.Advance(TimeSpan.FromTicks(1));

        await AssertIsTooSlowAsync(reading);
    }

    [Theory]
    [InlineData(50, true)]
    [InlineData(49, false)]
    public async Task What_goes_on_has_its_rate_in_each_window(int bytesInTheThird, bool isEnough)
    {
        await SendAsync(1000);
        var reading = ReadAsync(limit: 10_000);
        for (var window = 0; window < 3; window++)
        {
            // In time, so that it is the rate which counts.
            _time.Advance(TimeSpan.FromSeconds(4));
            await SendAsync(1);
            _time.Advance(TimeSpan.FromSeconds(1));
            await SendAsync((window < 2 ? 50 : bytesInTheThird) - 1);
            if (window == 2 && !isEnough)
            {
                await AssertIsTooSlowAsync(reading);
                return;
            }

            Assert.False(reading.IsCompleted);
        }

        await SendAsync(1, isAll: true);
        Assert.Equal(1151, await reading);
    }

    [Fact]
    public async Task What_has_come_to_its_end_is_not_too_slow()
    {
        await SendAsync(1000);
        var reading = ReadAsync(limit: 10_000);
        _time.Advance(TimeSpan.FromSeconds(4));
        await SendAsync(1);
        _time.Advance(TimeSpan.FromSeconds(4));

        await SendAsync(1, isAll: true);

        Assert.Equal(1002, await reading);
    }

    // By a record of TLS that is damaged, of which the server knows no more than that the read has failed.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_connection_that_breaks_is_a_reset(int before)
    {
        if (before > 0)
        {
            await SendAsync(before);
        }

        var reading = ReadAsync(limit: 10);
        await _pipe.Writer.CompleteAsync(new IOException("the decryption failed"));

        var broken = await Assert.ThrowsAsync<Microsoft.AspNetCore.Connections.ConnectionResetException>(() => reading);
        Assert.Equal("the decryption failed", broken.InnerException?.Message);
    }

    // Where an application buffers bodies on its disk.
    [Fact]
    public async Task A_disk_that_is_full_is_no_connection_that_breaks()
    {
        const int NoSpace = 28;
        var reading = ReadAsync(limit: 10);
        await _pipe.Writer.CompleteAsync(new IOException("no space left on device", NoSpace));

        Assert.Equal(NoSpace, (await Assert.ThrowsAsync<IOException>(() => reading)).HResult);
    }

    // What the server says of a request has a status, and is answered.
    [Fact]
    public async Task What_the_server_says_of_a_body_stays_as_it_is()
    {
        var reading = ReadAsync(limit: 10);
        await _pipe.Writer.CompleteAsync(new Microsoft.AspNetCore.Http.BadHttpRequestException("too slow"));

        Assert.Equal("too slow", (await Assert.ThrowsAsync<Microsoft.AspNetCore.Http.BadHttpRequestException>(() => reading)).Message);
    }

    // What need not be watched costs nothing.
    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    public void A_call_that_streams_messages_is_watched_where_there_is_a_rate(int least, bool isWatched)
    {
        var http = new Microsoft.AspNetCore.Http.DefaultHttpContext();

        using var body = Bodies(least).Watch(http);

        Assert.Equal(isWatched, body is not null);
        Assert.Equal(isWatched, ReferenceEquals(body ?? new object(), http.Request.BodyReader));
    }

    [Fact]
    public async Task Without_a_rate_anything_may_come_at_any_time()
    {
        await SendAsync(1);
        var reading = ReadAsync(limit: 10, least: 0);
        _time.Advance(TimeSpan.FromDays(1));
        await SendAsync(1);
        _time.Advance(TimeSpan.FromDays(1));

        await SendAsync(1, isAll: true);

        Assert.Equal(3, await reading);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task A_request_that_is_aborted_is_read_no_further(int before)
    {
        using var aborted = new CancellationTokenSource();
        if (before > 0)
        {
            await SendAsync(before);
        }

        var reading = ReadAsync(limit: 10, cancellationToken: aborted.Token);
        await aborted.CancelAsync();

        var refused = await Assert.ThrowsAsync<BrokerException>(() => reading);
        Assert.Equal((BrokerErrorCode.DeadlineExceeded, "the request did not come to its end"), (refused.Code, refused.Message));
        await AssertIsFreeAsync();
    }

    // The end comes with the last bytes.
    private async Task SendAsync(int bytes, bool isAll = false)
    {
        _pipe.Writer.Write(new byte[bytes]);
        await (isAll ? _pipe.Writer.CompleteAsync() : new ValueTask(_pipe.Writer.FlushAsync().AsTask()));
    }

    private async Task<long> ReadAsync(int limit, int least = 10, CancellationToken cancellationToken = default)
    {
        var body = await Bodies(least).ReadAllAsync(_pipe.Reader, limit, cancellationToken);
        _pipe.Reader.AdvanceTo(body.End);
        return body.Length;
    }

    private Bodies Bodies(int least) => new(Options.Create(new EventBrokerOptions { MinBytesPerSecond = least }), _time);

    private async Task AssertIsTooSlowAsync(Task reading)
    {
        var refused = await Assert.ThrowsAsync<BrokerException>(() => reading);
        Assert.Equal((BrokerErrorCode.DeadlineExceeded, "the request body comes too slowly"), (refused.Code, refused.Message));
        await AssertIsFreeAsync();
    }

    // The server looks for the rest of a body, and must not find a read that was not given back.
    private async Task AssertIsFreeAsync()
    {
        await SendAsync(1, isAll: true);
        Assert.Equal(1, (await _pipe.Reader.ReadAsync()).Buffer.Length);
    }
}
