using System.Net.Sockets;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;
using EventBroker.Protos.Event.V1;
using Google.Protobuf;

namespace EventBroker.FunctionalTests.Scenarios;

// Connections that end by an error of their client while the broker is at its calls. The host fails its test where an error is logged.
public sealed class BrokenConnectionTests
{
    private const int Connections = 100;
    private const int Calls = 20;

    // All of it in one write, so that the calls have begun and not ended when the connection breaks. Each time it breaks in another moment.
    [Theory]
    [InlineData(10)]
    [InlineData(10_000)]
    public async Task A_connection_that_breaks_amid_its_calls_is_no_error_of_the_broker(int payload)
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");

        // The framework calls it an error of the method to have read from such a connection; the host does not log that.
        host.IsExpectedError = static error => error.StartsWith("Grpc.AspNetCore.Server", StringComparison.Ordinal)
            && error.Contains("The request stream was aborted", StringComparison.Ordinal);
        var request = new PublishRequest { Event = "e", Payload = ByteString.CopyFrom(new byte[payload]) }.ToByteArray();
        var headers = Http2Frames.Call(host.GrpcAddress, "event.v1.EventService/Publish");
        var bytes = new List<byte>([.. Http2Frames.Preface, .. Http2Frames.Frame(Http2Frames.Settings, 0, 0)]);
        for (var stream = 1; stream < 2 * Calls; stream += 2)
        {
            bytes.AddRange(Http2Frames.Frame(Http2Frames.Headers, Http2Frames.EndHeaders, stream, headers));
            bytes.AddRange(Http2Frames.Frame(Http2Frames.Data, Http2Frames.EndStream, stream, RawGrpc.Frame(request)));
        }

        // One more, that never comes to its end.
        bytes.AddRange(Http2Frames.Frame(Http2Frames.Headers, Http2Frames.EndHeaders, (2 * Calls) + 1, headers));
        bytes.AddRange(Http2Frames.Frame(Http2Frames.Data, 0, (2 * Calls) + 1, RawGrpc.Frame(request).AsSpan(0, 7)));

        // Of a stream that was never opened.
        bytes.AddRange(Http2Frames.Frame(Http2Frames.WindowUpdate, 0, 255, 0, 0, 0, 1));

        for (var i = 0; i < Connections; i++)
        {
            using var client = new TcpClient();
            await client.ConnectAsync(host.GrpcAddress.Host, host.GrpcAddress.Port);
            await client.GetStream().WriteAsync(bytes.ToArray());
            await ReadToEndAsync(client.GetStream());
        }

        await host.Requests.FallToAsync(0);
    }

    private static async Task ReadToEndAsync(NetworkStream stream)
    {
        try
        {
            await stream.CopyToAsync(Stream.Null);
        }
        catch (IOException)
        {
            // The broker had not read everything.
        }
    }
}
