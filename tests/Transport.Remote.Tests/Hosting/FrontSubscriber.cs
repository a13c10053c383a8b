using System.Text.Json;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;
using EventBroker.Protos.Event.V1;
using Grpc.Core;

namespace EventBroker.Transport.Remote.Tests.Hosting;

// A member of the default worker group, over any protocol.
internal sealed class FrontSubscriber : IAsyncDisposable
{
    private readonly Func<Task<(string Id, int RetryCount, string AckId)>> _read;
    private readonly Func<ValueTask> _close;
    private readonly HttpClient _http;
    private readonly string _name;

    private FrontSubscriber(
        BrokerHost host, string name, Func<Task<(string Id, int RetryCount, string AckId)>> read, Func<ValueTask> close)
    {
        _http = host.Http;
        _name = name;
        _read = read;
        _close = close;
    }

    public static async Task<FrontSubscriber> OpenAsync(BrokerHost host, string protocol, string name)
    {
        switch (protocol)
        {
            case "grpc":
                var call = new EventService.EventServiceClient(host.OpenChannel()).Subscribe(
                    new SubscribeRequest { Event = name, DeliveryMode = DeliveryMode.WorkerPool });
                await call.ResponseHeadersAsync;
                return new FrontSubscriber(host, name, () => ReadAsync(call), () => CloseAsync(call));
            case "websocket":
                var socket = await WebSocketClient.OpenAsync(host.HttpAddress, $"/v1/events/{name}/subscribe?delivery_mode=worker_pool");
                return new FrontSubscriber(host, name, async () => Parse(await socket.ReadMessageAsync()), socket.DisposeAsync);
            default:
                var sse = await SseClient.OpenAsync(host.Http, $"/v1/events/{name}/stream?delivery_mode=worker_pool");
                return new FrontSubscriber(host, name, async () => Parse(await sse.ReadMessageAsync()), sse.DisposeAsync);
        }
    }

    public Task<(string Id, int RetryCount, string AckId)> ReadAsync() => _read();

    // Reads a message, and then a second one that is published only now: by the time that this one comes, every broker on the way knows
    // that the first was handed over, so its deadline runs and its closing counts.
    public async Task<(string Id, int RetryCount)> ReadHandedOverAsync()
    {
        var (id, retries, _) = await ReadAsync();
        await _http.PublishAsync(_name, "next");
        var next = await ReadAsync();
        Assert.Equal(("next", 0), (next.Id, next.RetryCount));
        Assert.Equal("ACK_RESULT_SETTLED", await _http.SettleAsync(next.AckId));
        return (id, retries);
    }

    public ValueTask DisposeAsync() => _close();

    private static async Task<(string Id, int RetryCount, string AckId)> ReadAsync(AsyncServerStreamingCall<Message> call)
    {
        Assert.True(await call.ResponseStream.MoveNext());
        var message = call.ResponseStream.Current;
        return (message.Id, message.RetryCount, message.AckId);
    }

    private static ValueTask CloseAsync(AsyncServerStreamingCall<Message> call)
    {
        call.Dispose();
        return default;
    }

    private static (string Id, int RetryCount, string AckId) Parse(JsonElement message) => (
        message.GetProperty("id").GetString()!,
        message.TryGetProperty("retry_count", out var count) ? count.GetInt32() : 0,
        message.GetProperty("ack_id").GetString()!);
}
