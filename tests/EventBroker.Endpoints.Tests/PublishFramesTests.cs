using System.Buffers.Binary;
using System.IO.Pipelines;
using EventBroker.Endpoints.Grpc;
using EventBroker.Protos.Event.V1;
using EventBroker.Sdk.Errors;
using Google.Protobuf;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace EventBroker.Endpoints.Tests;

// The messages of a publish stream, as they lie in its body.
public sealed class PublishFramesTests
{
    private const int Largest = 100;

    private readonly Pipe _body = new(new PipeOptions(readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline));
    private readonly PublishFrames _frames;
    private readonly List<PublishCall> _calls = [];

    public PublishFramesTests() => _frames = new PublishFrames(_body.Reader, Largest);

    [Fact]
    public async Task All_that_are_there_are_taken_at_once_and_the_rest_is_waited_for()
    {
        var third = Frame("c");
        await _body.Writer.WriteAsync(new[] { Frame("a"), Frame("b"), third[..7] }.SelectMany(static f => f).ToArray());
        Assert.Equal(["a", "b"], await ReadAsync());

        var reading = ReadAsync();
        Assert.False(reading.IsCompleted);
        await _body.Writer.WriteAsync(third.AsMemory(7));

        Assert.Equal(["c"], await reading);
    }

    [Fact]
    public async Task No_more_are_taken_than_are_wanted()
    {
        await WriteAllAsync(Frame("a"), Frame("b"), Frame("c"), Frame("d"), Frame("e"));

        Assert.Equal(["a", "b"], await ReadAsync(most: 2));

        // So many bytes that the first does not reach them, and the second does.
        Assert.Equal(["c", "d"], await ReadAsync(mostBytes: Frame("c").Length - 4));
        Assert.Equal(["e"], await ReadAsync());
        Assert.Empty(await ReadAsync());
        Assert.Empty(await ReadAsync());
    }

    [Fact]
    public async Task An_empty_message_is_one()
    {
        await WriteAllAsync([0, 0, 0, 0, 0]);

        Assert.Equal([""], await ReadAsync());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(8)]
    public async Task What_is_cut_off_is_the_callers_fault_and_comes_after_what_is_whole(int length)
    {
        await WriteAllAsync(Frame("a"), Frame("b")[..length]);

        Assert.Equal(["a"], await ReadAsync());
        await AssertRefusedAsync(BrokerErrorCode.InvalidArgument, "malformed gRPC frame: it is cut off", isFinal: false);
    }

    [Fact]
    public async Task What_is_compressed_without_a_word_is_refused()
    {
        await WriteAllAsync([1, 0, 0, 0, 0]);

        await AssertRefusedAsync(BrokerErrorCode.InvalidArgument, "malformed gRPC frame: it is compressed, and the call does not say how", isFinal: false);
    }

    [Fact]
    public async Task What_is_too_large_is_refused_by_its_header()
    {
        var frame = new byte[5 + Largest];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), Largest);
        await _body.Writer.WriteAsync(frame);
        Assert.Single(await ReadAsync());

        await _body.Writer.WriteAsync(new byte[] { 0, 0, 0, 0, Largest + 1 });

        await AssertRefusedAsync(BrokerErrorCode.ResourceExhausted, "a message has 101 bytes, and 100 are allowed", isFinal: true);
    }

    [Fact]
    public async Task A_connection_that_breaks_is_a_reset()
    {
        await _body.Writer.CompleteAsync(new IOException("the decryption failed"));

        Assert.IsType<IOException>((await Assert.ThrowsAsync<ConnectionResetException>(() => ReadAsync())).InnerException);
    }

    [Fact]
    public async Task A_body_that_cannot_be_read_is_the_callers_fault()
    {
        await _body.Writer.CompleteAsync(new BadHttpRequestException("cut off"));

        await AssertRefusedAsync(BrokerErrorCode.InvalidArgument, "malformed gRPC frame: it can't be read", isFinal: false);
    }

    private static byte[] Frame(string id)
    {
        var message = new PublishRequest { Id = id, Payload = ByteString.CopyFromUtf8("payload") }.ToByteArray();
        var frame = new byte[5 + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame, 5);
        return frame;
    }

    private async Task WriteAllAsync(params byte[][] frames)
    {
        await _body.Writer.WriteAsync(frames.SelectMany(static f => f).ToArray());
        await _body.Writer.CompleteAsync();
    }

    // Their ids.
    private async Task<string[]> ReadAsync(int most = 10, int mostBytes = 1000)
    {
        _calls.Clear();
        await _frames.ReadAsync(_calls, most, mostBytes, CancellationToken.None);
        return [.. _calls.Select(static c => c.Message?.Build().GetId() ?? "none")];
    }

    private async Task AssertRefusedAsync(BrokerErrorCode code, string message, bool isFinal)
    {
        var refused = await Assert.ThrowsAsync<BrokerException>(() => ReadAsync());
        Assert.Equal((code, message, isFinal), (refused.Code, refused.Message, refused.IsFinal));
    }
}
