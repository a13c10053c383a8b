using EventBroker.Endpoints.Grpc;
using EventBroker.Protos.Event.V1;
using EventBroker.Sdk.Errors;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace EventBroker.Endpoints.Tests;

// The messages of a publish stream whose call says that they are compressed: the framework reads them.
public sealed class CompressedPublishesTests
{
    private readonly Requests _requests = new();
    private readonly List<PublishCall> _calls = [];
    private readonly PublishMessages _messages;

    public CompressedPublishesTests()
    {
        var http = new DefaultHttpContext();
        http.Request.Headers["grpc-encoding"] = "gzip";
        _messages = PublishMessages.Of(http, _requests, 1);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("identity")]
    public void What_is_not_compressed_is_read_straight_from_the_body(string? encoding)
    {
        var http = new DefaultHttpContext();
        if (encoding is not null)
        {
            http.Request.Headers["grpc-encoding"] = encoding;
        }

        Assert.IsType<PublishFrames>(PublishMessages.Of(http, _requests, 1));
    }

    [Fact]
    public async Task All_that_are_there_are_taken_at_once_and_the_rest_is_waited_for()
    {
        Add("a", "b");
        Assert.Equal(["a", "b"], await ReadAsync());

        var reading = ReadAsync();
        Assert.False(reading.IsCompleted);
        Add("c");
        _requests.More!.SetResult(true);
        Assert.Equal(["c"], await reading);

        _requests.IsAll = true;
        _requests.More!.SetResult(false);
        Assert.Empty(await ReadAsync());
        Assert.Empty(await ReadAsync());
    }

    [Fact]
    public async Task No_more_are_taken_than_are_wanted()
    {
        Add("a", "b", "c", "d", "e");
        _requests.There.Enqueue(new PublishCall { Fault = new BrokerException(BrokerErrorCode.InvalidArgument, "wrong") });
        Add("f", "g");
        _requests.IsAll = true;
        Assert.Equal(["a", "b"], await ReadAsync(most: 2));

        // So many bytes that the first does not reach them, and the second does.
        Assert.Equal(["c", "d"], await ReadAsync(mostBytes: Message("c").Message!.Length + 1));
        Assert.Equal(["e"], await ReadAsync(mostBytes: Message("e").Message!.Length));

        // One that is wrong has no bytes.
        Assert.Equal(["none", "f"], await ReadAsync(mostBytes: 1));
        Assert.Equal(["g"], await ReadAsync());
    }

    // Whose call may not know of it yet.
    [Fact]
    public async Task A_connection_that_breaks_is_a_reset()
    {
        var reading = ReadAsync();
        _requests.More!.SetException(new IOException("the request stream was aborted"));

        await Assert.ThrowsAsync<Microsoft.AspNetCore.Connections.ConnectionResetException>(() => reading);
    }

    [Fact]
    public async Task What_the_framework_cannot_read_is_the_callers_fault()
    {
        var reading = ReadAsync();
        _requests.More!.SetException(new InvalidDataException("no gzip"));

        var refused = await Assert.ThrowsAsync<BrokerException>(() => reading);
        Assert.Equal((BrokerErrorCode.InvalidArgument, "malformed gRPC frame: it can't be read"), (refused.Code, refused.Message));
        Assert.IsType<InvalidDataException>(refused.InnerException);
    }

    private static PublishCall Message(string id) =>
        PublishDecoder.Decode(new PublishRequest { Id = id, Payload = ByteString.CopyFromUtf8("payload") }.ToByteArray());

    private void Add(params string[] ids)
    {
        foreach (var id in ids)
        {
            _requests.There.Enqueue(Message(id));
        }
    }

    // Their ids.
    private async Task<string[]> ReadAsync(int most = 10, int mostBytes = 1000)
    {
        _calls.Clear();
        await _messages.ReadAsync(_calls, most, mostBytes, CancellationToken.None);
        return [.. _calls.Select(static c => c.Message?.Build().GetId() ?? "none")];
    }

    private sealed class Requests : IAsyncStreamReader<PublishCall>
    {
        public Queue<PublishCall> There { get; } = new();

        public bool IsAll { get; set; }

        public TaskCompletionSource<bool>? More { get; private set; }

        public PublishCall Current { get; private set; } = null!;

        public async Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            if (There.Count == 0)
            {
                if (IsAll)
                {
                    return false;
                }

                More = new TaskCompletionSource<bool>();
                if (!await More.Task)
                {
                    return false;
                }
            }

            Current = There.Dequeue();
            return true;
        }
    }
}
