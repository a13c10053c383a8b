using EventBroker.FunctionalTests.Hosting;

namespace EventBroker.FunctionalTests.Stalled;

// A subscriber over a connection of its own that stops taking bytes when the test says so.
internal abstract class StalledClient : IAsyncDisposable
{
    public static async Task<StalledClient> OpenAsync(BrokerHost host, StalledKind kind, string query = "delivery_mode=worker_pool") => kind switch
    {
        StalledKind.Sse => await StalledSocket.OpenAsync(host.HttpAddress, "/v1/events/e/stream?" + query, isUpgrade: false),
        StalledKind.WebSocket => await StalledSocket.OpenAsync(host.HttpAddress, "/v1/events/e/subscribe?" + query, isUpgrade: true),
        StalledKind.WebSocketOverHttp2 => await StalledHttp2.ConnectAsync(host.GrpcAddress, "/v1/events/e/subscribe?" + query),
        _ => await StalledHttp2.SubscribeAsync(host.GrpcAddress, "e", grantsWindow: kind == StalledKind.GrpcSocket),
    };

    // Reads on until this text has come, such as a message's id, and no further than it must.
    public abstract Task ReadUpToAsync(string text);

    // Reads whatever is still on its way, up to the end: the broker has cut the stream. Tells how, for HTTP/2: the code of the reset.
    public abstract Task<int?> ReadUpToCutAsync();

    public abstract ValueTask DisposeAsync();
}
