using EventBroker.Endpoints.WebSockets;

namespace EventBroker.Endpoints.Tests;

// What a WebSocket is made over.
public sealed class PingedStreamTests : IDisposable
{
    private readonly MemoryStream _inner = new();

    [Theory]
    [InlineData("memory")]
    [InlineData("array")]
    [InlineData("blocking")]
    public async Task A_ping_is_answered_once_something_was_read_after_it(string how)
    {
        await using var stream = new PingedStream(_inner);
        await ReadAsync(stream, how);
        Assert.False(stream.IsUnanswered);

        await stream.PingAsync(default);
        await stream.PingAsync(default);
        Assert.True(stream.IsUnanswered);
        Assert.Equal([0x89, 0, 0x89, 0], _inner.ToArray());

        await ReadAsync(stream, how);
        Assert.False(stream.IsUnanswered);
        await stream.PingAsync(default);
        Assert.True(stream.IsUnanswered);
    }

    [Theory]
    [InlineData("memory")]
    [InlineData("array")]
    [InlineData("blocking")]
    public async Task What_is_read_is_what_has_come(string how)
    {
        _inner.WriteByte(7);
        _inner.Position = 0;
        await using var stream = new PingedStream(_inner);

        Assert.Equal((1, 7), await ReadAsync(stream, how));
        Assert.Equal(0, (await ReadAsync(stream, how)).Count);
    }

    [Fact]
    public async Task Everything_goes_through()
    {
        using var stream = new PingedStream(_inner);
        stream.Write([1], 0, 1);
        await stream.WriteAsync(new byte[] { 0, 2, 0 }.AsMemory(1, 1));
#pragma warning disable CA1835 // The other way, since a stream has both.
        await stream.WriteAsync([0, 3], 1, 1, CancellationToken.None);
#pragma warning restore CA1835
        Assert.Equal([1, 2, 3], _inner.ToArray());

        Assert.Equal((true, false, true), (stream.CanRead, stream.CanSeek, stream.CanWrite));
        Assert.Throws<NotSupportedException>(() => stream.Length);
        Assert.Throws<NotSupportedException>(() => stream.Seek(0, SeekOrigin.Begin));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Its_end_is_the_end_of_what_it_is_made_over(bool isAwaited)
    {
        var stream = new PingedStream(_inner);

        if (isAwaited)
        {
            await stream.DisposeAsync();
        }
        else
        {
            stream.Dispose();
        }

        Assert.False(_inner.CanRead);
    }

    public void Dispose() => _inner.Dispose();

    private static async Task<(int Count, byte First)> ReadAsync(PingedStream stream, string how)
    {
        var buffer = new byte[1];
#pragma warning disable CA1835 // The other way, since a stream has both.
        var count = how switch
        {
            "memory" => await stream.ReadAsync(buffer.AsMemory()),
            "array" => await stream.ReadAsync(buffer, 0, 1, CancellationToken.None),
            _ => stream.Read(buffer, 0, 1),
        };
#pragma warning restore CA1835
        return (count, buffer[0]);
    }
}
