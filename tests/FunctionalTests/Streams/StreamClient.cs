using EventBroker.FunctionalTests.Hosting;

namespace EventBroker.FunctionalTests.Streams;

// A subscriber of one of the protocols, for what is the same over all of them.
internal abstract class StreamClient : IAsyncDisposable
{
    // What became of the place that was asked for; known with the first message, null if nothing was said.
    public string? Resumed { get; protected set; }

    public static async Task<StreamClient> OpenAsync(IServedBroker host, StreamProtocol protocol, StreamOptions? options = null, string eventName = "e") =>
        protocol switch
        {
            StreamProtocol.Grpc => await GrpcStream.OpenAsync(host, eventName, options ?? new()),
            StreamProtocol.Sse => await SseStream.OpenAsync(host, eventName, options ?? new()),
            _ => await WebSocketStream.OpenAsync(host, eventName, options ?? new()),
        };

    public abstract Task<Received> ReadAsync();

    // Returns the result's name, as WebSocket writes it. With an error it is a nack.
    public abstract Task<string> SettleAsync(string ackId, string error = "", TimeSpan? delay = null, TimeSpan? extend = null);

    public async Task ExpectAsync(string id, int retryCount)
    {
        var received = await ReadAsync();
        Assert.Equal((id, retryCount), (received.Id, received.RetryCount));
    }

    public abstract ValueTask DisposeAsync();
}
