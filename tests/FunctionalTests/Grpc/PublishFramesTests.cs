using System.IO.Compression;
using System.Net;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;
using EventBroker.Protos.Broker.V1;
using EventBroker.Protos.Event.V1;
using Google.Protobuf;
using Grpc.Core;

namespace EventBroker.FunctionalTests.Grpc;

// A publish stream as it comes over the wire, where a message ends anywhere.
public sealed class PublishFramesTests
{
    private const string Method = "eventbroker.v1.BrokerService/PublishStream";

    [Theory]
    [InlineData(1, false)]
    [InlineData(7, false)]
    [InlineData(1000, false)]
    [InlineData(7, true)]
    public async Task Messages_are_published_in_their_order_however_they_are_cut_into_pieces(int size, bool isCompressed)
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        using var subscription = new EventService.EventServiceClient(host.OpenChannel()).Subscribe(new SubscribeRequest { Event = "e" });
        await subscription.ResponseHeadersAsync;
        using var http = new HttpClient { BaseAddress = host.GrpcAddress };
        using var body = new Pieces([.. Enumerable.Range(0, 20).SelectMany(i => Frame($"{i}", isCompressed))], size);

        var answer = isCompressed ? RawGrpc.CallAsync(http, Method, body, ("grpc-encoding", "gzip")) : RawGrpc.CallAsync(http, Method, body);

        Assert.Equal((StatusCode.OK, ""), await answer);
        for (var i = 0; i < 20; i++)
        {
            Assert.True(await subscription.ResponseStream.MoveNext());
            Assert.Equal($"{i}", subscription.ResponseStream.Current.Id);
        }
    }

    [Theory]
    [InlineData(new byte[] { 0, 0, 0, 0, 9, 1 }, StatusCode.InvalidArgument)]
    [InlineData(new byte[] { 0, 0, 0 }, StatusCode.InvalidArgument)]
    [InlineData(new byte[] { 1, 0, 0, 0, 1, 1 }, StatusCode.InvalidArgument)]
    [InlineData(new byte[] { 0, 0x7F, 0, 0, 0, 1 }, StatusCode.ResourceExhausted)]
    public async Task What_came_before_a_broken_frame_is_published(byte[] broken, StatusCode expected)
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        using var subscription = new EventService.EventServiceClient(host.OpenChannel()).Subscribe(new SubscribeRequest { Event = "e" });
        await subscription.ResponseHeadersAsync;
        using var http = new HttpClient { BaseAddress = host.GrpcAddress };
        var behind = new TaskCompletionSource();
        using var body = new Pieces(Frame("m-1", isCompressed: false), int.MaxValue, behind.Task, broken);

        var answer = RawGrpc.CallAsync(http, Method, body);
        Assert.True(await subscription.ResponseStream.MoveNext());
        behind.SetResult();

        Assert.Equal("m-1", subscription.ResponseStream.Current.Id);
        Assert.Equal(expected, (await answer).Code);
    }

    private static byte[] Frame(string id, bool isCompressed)
    {
        var message = new PublishItem { Event = "e", Id = id, Metadata = { ["k"] = "v" } }.ToByteArray();
        if (!isCompressed)
        {
            return RawGrpc.Frame(message);
        }

        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionMode.Compress, leaveOpen: true))
        {
            gzip.Write(message);
        }

        return RawGrpc.Frame(compressed.ToArray(), isCompressed: true);
    }

    // Each piece is sent by itself; then, once the test says so, what comes behind.
    private sealed class Pieces(byte[] bytes, int size, Task? behind = null, byte[]? more = null) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            for (var at = 0; at < bytes.Length; at += Math.Min(size, bytes.Length))
            {
                await stream.WriteAsync(bytes.AsMemory(at, Math.Min(size, bytes.Length - at)));
                await stream.FlushAsync();
            }

            if (behind is not null)
            {
                await behind;
                await stream.WriteAsync(more);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
