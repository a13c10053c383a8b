using EventBroker.Broker;
using EventBroker.Broker.Access;
using EventBroker.Broker.Routing;
using EventBroker.Endpoints;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;
using EventBroker.Protos.Event.V1;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Memory;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using EventOptions = EventBroker.Sdk.Transports.EventOptions;

namespace EventBroker.FunctionalTests.Scenarios;

// A broker in an application that has ideas of its own.
public sealed class EmbeddingTests
{
    [Fact]
    public async Task An_applications_request_timeout_is_not_for_streams()
    {
        await using var app = await StartAsync(HttpProtocols.Http1);
        await using var overHttp2 = await StartAsync(HttpProtocols.Http2);
        foreach (var one in new[] { app, overHttp2 })
        {
            await one.Services.GetRequiredService<MessageBroker>().RegisterAsync(new InProcessCaller(), "e", EventOptions.None, default);
        }

        var address = new Uri(app.Urls.Single());
        using var http = new HttpClient { BaseAddress = address };
        await using var sse = await SseClient.OpenAsync(http, "/v1/events/e/stream");
        await using var socket = await WebSocketClient.OpenAsync(address, "/v1/events/e/subscribe");
        using var channel = GrpcChannel.ForAddress(overHttp2.Urls.Single());
        using var grpc = new EventService.EventServiceClient(channel).Subscribe(new SubscribeRequest { Event = "e" });
        await grpc.ResponseHeadersAsync;

        // The same time has passed here as there.
        using var slow = await http.GetAsync(new Uri("/slow", UriKind.Relative));
        Assert.Equal(StatusCodes.Status504GatewayTimeout, (int)slow.StatusCode);
        foreach (var one in new[] { app, overHttp2 })
        {
            var message = new MessageEncoder();
            message.WriteId("m"u8);
            await one.Services.GetRequiredService<MessageBroker>().PublishAsync(new InProcessCaller(), "e", message, default);
        }

        Assert.Equal("m", (await sse.ReadMessageAsync()).GetProperty("id").GetString());
        Assert.Equal("m", (await socket.ReadMessageAsync()).GetProperty("id").GetString());
        Assert.True(await grpc.ResponseStream.MoveNext(default));
        Assert.Equal("m", grpc.ResponseStream.Current.Id);
    }

    private static async Task<WebApplication> StartAsync(HttpProtocols protocols)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = protocols));
        builder.Services.AddRequestTimeouts(static options => options.DefaultPolicy = new RequestTimeoutPolicy { Timeout = TimeSpan.FromMilliseconds(50) });
        builder.Services.AddEventBroker(static options => options.Setup = static _ => new BrokerSetup
        {
            Transports = new Dictionary<string, ITransport>
            {
                ["memory"] = new MemoryTransport(
                    "memory", new MemorySettings(), TimeProvider.System, new System.Diagnostics.Metrics.Meter("Test"), NullLogger.Instance),
            },
            Routes = [new EventRoute { Events = "*", Transport = "memory" }],
            Authorizers = [new OpenAuthorizer()],
        });
        var app = builder.Build();
        app.UseRequestTimeouts();
        app.MapGet("/slow", static async (CancellationToken aborted) => await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, aborted));
        app.MapEventBroker();
        await app.StartAsync();
        return app;
    }
}
