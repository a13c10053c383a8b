using System.IO.Compression;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;
using EventBroker.Protos.Event.V1;
using Google.Protobuf;
using Grpc.Core;

namespace EventBroker.FunctionalTests.Scenarios;

// Few bytes on the wire that stand for many.
public sealed class CompressedCallTests
{
    private const string Publish = "event.v1.EventService/Publish";
    private const string Ack = "event.v1.EventService/Ack";
    private const string PublishBatch = "eventbroker.v1.BrokerService/PublishBatch";
    private const string PublishStream = "eventbroker.v1.BrokerService/PublishStream";

    [Theory]
    [InlineData(Publish, "gzip")]
    [InlineData(Ack, "gzip")]
    [InlineData(PublishBatch, "gzip")]
    [InlineData(PublishBatch, "deflate")]
    [InlineData(PublishStream, "gzip")]
    public async Task What_a_message_becomes_when_it_is_decompressed_is_what_the_limit_counts(string method, string encoding)
    {
        await using var host = await BrokerHost.StartAsync();

        // The framework calls it an error of its own to have read a message that is too large.
        host.IsExpectedError = static error => error.Contains("exceeds the maximum", StringComparison.Ordinal);
        using var http = new HttpClient { BaseAddress = host.GrpcAddress };
        using var body = new ByteArrayContent(RawGrpc.Frame(Compress(new byte[64 * 1024 * 1024], encoding), isCompressed: true));

        var answer = await RawGrpc.AskAsync(http, method, body, ("grpc-encoding", encoding));

        // To send it again would bring the same.
        Assert.Equal((StatusCode.ResourceExhausted, "final"), (answer.Code, answer.Refusal));
    }

    [Theory]
    [InlineData(PublishBatch)]
    [InlineData(Ack)]
    public async Task A_few_kilobytes_that_stand_for_half_a_million_items_are_refused(string method)
    {
        await using var host = await BrokerHost.StartAsync();
        using var http = new HttpClient { BaseAddress = host.GrpcAddress };
        byte[] items = [.. Enumerable.Repeat<byte[]>([0x0A, 0x00], 500_000).SelectMany(static i => i)];
        var compressed = Compress(items, "gzip");
        using var body = new ByteArrayContent(RawGrpc.Frame(compressed, isCompressed: true));

        var (code, message) = await RawGrpc.CallAsync(http, method, body, ("grpc-encoding", "gzip"));

        Assert.InRange(compressed.Length, 0, 8192);
        Assert.Equal(StatusCode.ResourceExhausted, code);
        Assert.Contains("the call has more than 10000", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_compressed_message_within_the_limit_is_taken()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        using var http = new HttpClient { BaseAddress = host.GrpcAddress };
        foreach (var encoding in new[] { "gzip", "deflate" })
        {
            var request = new PublishRequest { Event = "e", Payload = ByteString.CopyFrom(new byte[1024 * 1024]) }.ToByteArray();
            using var body = new ByteArrayContent(RawGrpc.Frame(Compress(request, encoding), isCompressed: true));
            Assert.Equal((StatusCode.OK, ""), await RawGrpc.CallAsync(http, Publish, body, ("grpc-encoding", encoding)));
        }
    }

    private static byte[] Compress(byte[] bytes, string encoding)
    {
        using var compressed = new MemoryStream();
        using (Stream stream = encoding == "gzip" ? new GZipStream(compressed, CompressionMode.Compress) : new ZLibStream(compressed, CompressionMode.Compress))
        {
            stream.Write(bytes);
        }

        return compressed.ToArray();
    }
}
