using System.Net.WebSockets;
using System.Threading.Channels;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;
using EventBroker.Protos.Event.V1;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EventBroker.FunctionalTests.Scenarios;

// What an operator who turns the log up sees of a subscription.
public sealed class SubscriptionLogTests
{
    [Fact]
    public async Task A_stream_of_events_is_logged_with_its_end()
    {
        using var log = new Lines();
        await using var host = await StartAsync(log);
        await using (await SseClient.OpenAsync(host.Http, "/v1/events/e/stream"))
        {
            Assert.Equal("A sse subscription to e has begun.", await log.NextAsync());
        }

        Assert.Equal("A sse subscription to e has ended: the client has gone.", await log.NextAsync());
    }

    [Fact]
    public async Task A_WebSocket_is_logged_with_its_end()
    {
        using var log = new Lines();
        await using var host = await StartAsync(log);
        await using var client = await WebSocketClient.OpenAsync(host.HttpAddress, "/v1/events/e/subscribe");
        Assert.Equal("A websocket subscription to e has begun.", await log.NextAsync());

        await client.Socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);

        Assert.Equal("A websocket subscription to e has ended: the client has closed.", await log.NextAsync());
    }

    [Fact]
    public async Task A_subscription_over_gRPC_is_logged_with_its_end()
    {
        using var log = new Lines();
        await using var host = await StartAsync(log);
        var client = new EventService.EventServiceClient(host.OpenChannel());
        using var refused = client.Subscribe(new SubscribeRequest { Event = "none" });
        await Assert.ThrowsAsync<RpcException>(() => refused.ResponseStream.MoveNext(CancellationToken.None));

        // The refused one has neither.
        using (var call = client.Subscribe(new SubscribeRequest { Event = "e" }))
        {
            await call.ResponseHeadersAsync;
            Assert.Equal("A grpc subscription to e has begun.", await log.NextAsync());
        }

        Assert.Equal("A grpc subscription to e has ended: the client has gone.", await log.NextAsync());
        using var second = client.Subscribe(new SubscribeRequest { Event = "e" });
        await second.ResponseHeadersAsync;
        Assert.Equal("A grpc subscription to e has begun.", await log.NextAsync());

        using var unregistered = await host.Http.DeleteAsync(new Uri("/v1/events/e", UriKind.Relative));

        var told = await Assert.ThrowsAsync<RpcException>(() => second.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal($"A grpc subscription to e has ended: {told.Status.Detail}.", await log.NextAsync());
    }

    private static async Task<BrokerHost> StartAsync(Lines log)
    {
        var host = await BrokerHost.StartAsync(
            services: services => services.AddLogging(logging => logging.AddProvider(log).AddFilter<Lines>("EventBroker.Endpoints", LogLevel.Debug)));
        await host.Http.RegisterAsync("e");
        return host;
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

        public ValueTask<string> NextAsync() => _lines.Reader.ReadAsync();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Id is 1003 or 1004)
            {
                _lines.Writer.TryWrite(formatter(state, exception));
            }
        }

        public void Dispose() => _lines.Writer.TryComplete();
    }
}
