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

    private FrontSubscriber(Func<Task<(string Id, int RetryCount, string AckId)>> read, Func<ValueTask> close)
    {
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
                return new FrontSubscriber(() => ReadAsync(call), () => CloseAsync(call));
            case "websocket":
                var socket = await WebSocketClient.OpenAsync(host.HttpAddress, $"/v1/events/{name}/subscribe?delivery_mode=worker_pool");
                return new FrontSubscriber(async () => Parse(await socket.ReadMessageAsync()), socket.DisposeAsync);
            default:
                var sse = await SseClient.OpenAsync(host.Http, $"/v1/events/{name}/stream?delivery_mode=worker_pool");
                return new FrontSubscriber(async () => Parse(await sse.ReadMessageAsync()), sse.DisposeAsync);
        }
    }

    public Task<(string Id, int RetryCount, string AckId)> ReadAsync() => _read();

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
