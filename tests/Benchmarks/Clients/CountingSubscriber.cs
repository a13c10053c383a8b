using EventBroker.Protos.Event.V1;

namespace Benchmarks.Clients;

/// <summary>A gRPC subscription whose messages are counted and thrown away.</summary>
internal sealed class CountingSubscriber : IAsyncDisposable
{
    public const string Method = "/event.v1.EventService/Subscribe";

    private readonly HttpResponseMessage _response;
    private readonly Task _reading;

    private CountingSubscriber(HttpResponseMessage response, Stream stream)
    {
        _response = response;
        _reading = ReadAsync(stream);
    }

    public ReceivedCounter Received { get; } = new();

    public static async Task<CountingSubscriber> OpenAsync(GrpcConnection connection, SubscribeRequest request, CancellationToken cancellation)
    {
        var response = await connection.StartAsync(Method, request, cancellation);
        return new CountingSubscriber(response, await response.Content.ReadAsStreamAsync(cancellation));
    }

    public async ValueTask DisposeAsync()
    {
        _response.Dispose();
        await _reading;
    }

    private async Task ReadAsync(Stream stream)
    {
        var buffer = new byte[64 * 1024];
        var frames = new GrpcFrameCounter();
        try
        {
            while (true)
            {
                var read = await stream.ReadAsync(buffer);
                if (read == 0)
                    break;

                var completed = frames.Advance(buffer.AsSpan(0, read));
                if (completed > 0)
                    Received.Add(completed);
            }

            GrpcConnection.ThrowIfFailed(Method, _response.StatusCode, _response.TrailingHeaders);
        }
        catch (Exception fault)
        {
            // Whoever waits for messages gets it; after disposal nobody does.
            Received.Fail(fault);
        }
    }
}
