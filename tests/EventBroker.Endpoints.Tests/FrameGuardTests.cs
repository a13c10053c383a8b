using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using EventBroker.Endpoints.Grpc;
using EventBroker.Endpoints.Http;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace EventBroker.Endpoints.Tests;

// What comes in front of the framework, by the example of its health service, which everybody may ask: 4096 bytes at the most.
public sealed class FrameGuardTests : IHttpRequestLifetimeFeature, IRequestBodyPipeFeature
{
    private readonly FakeTimeProvider _time = new();
    private readonly DefaultHttpContext _http = new();
    private readonly Pipe _body = new(new PipeOptions(readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline));
    private bool _isAborted;

    public FrameGuardTests()
    {
        _http.Features.Set<IHttpRequestLifetimeFeature>(this);
        _http.Features.Set<IRequestBodyPipeFeature>(this);
    }

    public PipeReader Reader => _body.Reader;

    public CancellationToken RequestAborted { get; set; }

    void IHttpRequestLifetimeFeature.Abort() => _isAborted = true;

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 0 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 1, 0, 0, 0, 1, 7 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 9, 7 })]
    public async Task A_frame_or_the_end_of_one_is_left_to_the_framework(byte[] body)
    {
        await _body.Writer.WriteAsync(body);
        await _body.Writer.CompleteAsync();

        Assert.True(await RunAsync());

        // Nothing of it was taken.
        var left = await _body.Reader.ReadAsync();
        Assert.Equal(body, left.Buffer.ToArray());
    }

    [Theory]
    [InlineData(new byte[] { 2, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0, 0x80, 0, 0, 0 })]
    public async Task What_is_no_frame_is_the_callers_fault(byte[] body)
    {
        await _body.Writer.WriteAsync(body);

        Assert.False(await RunAsync());

        AssertStatus("3", "malformed gRPC frame");
    }

    [Theory]
    [InlineData(4096, true)]
    [InlineData(4097, false)]
    public async Task A_question_has_its_size(int length, bool isRight)
    {
        var frame = new byte[5 + length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), length);

        // Of what is too large the header is enough.
        await _body.Writer.WriteAsync(isRight ? frame : frame.AsMemory(0, 5));

        Assert.Equal(isRight, await RunAsync());
        if (!isRight)
        {
            AssertStatus("8", "the request is larger than 4096 bytes");
            Assert.Equal("final", _http.Response.Headers[ContractHeaders.Refusal]);
        }
    }

    [Fact]
    public async Task A_frame_is_waited_for_to_its_end()
    {
        await _body.Writer.WriteAsync(new byte[] { 0, 0, 0, 0, 3, 1 });
        var running = RunAsync();
        await _body.Writer.WriteAsync(new byte[] { 2 });
        Assert.False(running.IsCompleted);

        await _body.Writer.WriteAsync(new byte[] { 3 });

        Assert.True(await running);
    }

    [Fact]
    public async Task A_frame_that_does_not_go_on_is_given_up()
    {
        await _body.Writer.WriteAsync(new byte[] { 0, 0, 0, 0, 3, 1 });
        var running = RunAsync();

        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.False(await running);
        AssertStatus("4", "the request body comes too slowly");
    }

    [Fact]
    public async Task A_connection_that_was_reset_is_given_up()
    {
        await _body.Writer.CompleteAsync(new ConnectionResetException("reset"));

        Assert.False(await RunAsync());

        Assert.True(_isAborted);
        Assert.False(_http.Response.Headers.ContainsKey("grpc-status"));
    }

    [Fact]
    public async Task What_else_fails_beneath_a_read_is_a_request_that_did_not_come_to_its_end()
    {
        await _body.Writer.CompleteAsync(new IOException("the stream was reset"));

        Assert.False(await RunAsync());

        Assert.False(_isAborted);
        AssertStatus("4", "the request did not come to its end");
    }

    // It meets the same again, and knows what to say.
    [Fact]
    public async Task What_the_server_refuses_is_left_to_the_framework()
    {
        await _body.Writer.CompleteAsync(new BadHttpRequestException("too large", StatusCodes.Status413PayloadTooLarge));

        Assert.True(await RunAsync());
    }

    // Whether the framework was let.
    private async Task<bool> RunAsync()
    {
        var isLet = false;
        var guard = new FrameGuard(null!, new Bodies(Options.Create(new EventBrokerOptions { MinBytesPerSecond = 10 }), _time), null!);
        await guard.AroundHealth(_ =>
        {
            isLet = true;
            return Task.CompletedTask;
        })(_http);
        return isLet;
    }

    private void AssertStatus(string status, string message)
    {
        Assert.Equal(status, _http.Response.Headers["grpc-status"]);
        Assert.Equal(message, _http.Response.Headers["grpc-message"]);
    }
}
