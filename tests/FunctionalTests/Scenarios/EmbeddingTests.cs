using System.Net.Sockets;
using System.Text;
using EventBroker.Broker;
using EventBroker.Broker.Access;
using EventBroker.Broker.Routing;
using EventBroker.Endpoints;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;
using EventBroker.Protos.Broker.V1;
using EventBroker.Protos.Event.V1;
using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Plugins;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Memory;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
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

    // With all of the body to come, and with the half of it. Then the rest comes, and another request.
    [Theory]
    [InlineData("")]
    [InlineData("{\"pay")]
    public async Task A_request_that_an_application_gives_up_amid_its_body_leaves_its_connection_as_it_was(string begin)
    {
        const string Body = """{"payload":"aGVsbG8="}""";
        var log = new LogCollector();
        await using var app = await StartAsync(HttpProtocols.Http1, log);
        var address = new Uri(app.Urls.Single());
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        using var reader = new StreamReader(client.GetStream());

        await SendAsync($"POST /v1/events/e/messages HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Length: {Body.Length}\r\n\r\n{begin}");
        var first = await reader.ReadLineAsync();
        await SendAsync(Body[begin.Length..]);
        await SendAsync($"GET /healthz HTTP/1.1\r\nHost: {address.Authority}\r\nConnection: close\r\n\r\n");
        var rest = await reader.ReadToEndAsync();

        Assert.Equal("HTTP/1.1 504 Gateway Timeout", first);
        Assert.Contains("HTTP/1.1 200 OK", rest, StringComparison.Ordinal);
        Assert.Empty(log.Errors);

        Task SendAsync(string text) => client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text)).AsTask();
    }

    [Fact]
    public async Task A_call_that_an_application_gives_up_is_no_success()
    {
        await using var app = await StartAsync(HttpProtocols.Http1, authorizer: new HangingAuthorizer());
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };

        using var response = await http.PostTextAsync("/v1/events/e/messages", "{}");

        Assert.Equal(StatusCodes.Status504GatewayTimeout, (int)response.StatusCode);
    }

    [Fact]
    public async Task What_an_application_wants_of_the_endpoints_holds_for_those_of_events()
    {
        await using var app = await StartAsync(HttpProtocols.Http1, also: static endpoints => endpoints.WithMetadata("limited"));

        var names = app.Services.GetRequiredService<Microsoft.AspNetCore.Routing.EndpointDataSource>().Endpoints
            .Where(static e => e.Metadata.GetMetadata<string>() == "limited").Select(static e => e.DisplayName ?? "").ToList();

        foreach (var part in new[] { "/messages", "/v1/ack", "/stream", "/subscribe", "**path", "event.v1.EventService/Publish", "BrokerService/Seek" })
        {
            Assert.Contains(names, name => name.Contains(part, StringComparison.Ordinal));
        }

        Assert.DoesNotContain(names, static name => name.Contains("/readyz", StringComparison.Ordinal) || name.Contains("Reflection", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_missing_or_wrong_is_told_at_the_start()
    {
        var empty = WebApplication.CreateSlimBuilder();
        await using var without = empty.Build();
        Assert.Contains("AddEventBroker", Assert.Throws<InvalidOperationException>(() => without.MapEventBroker()).Message, StringComparison.Ordinal);

        var wrong = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(
            () => StartAsync(HttpProtocols.Http1, configure: static o => o.HeartbeatInterval = TimeSpan.Zero));
        Assert.Contains("HeartbeatInterval", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_embeds_the_broker_has_no_plugins_to_list()
    {
        await using var host = await BrokerHost.StartAsync();

        Assert.Empty((await new BrokerService.BrokerServiceClient(host.OpenChannel()).ListPluginsAsync(new ListPluginsRequest())).Plugins);
    }

    [Fact]
    public async Task Whoever_embeds_the_broker_may_say_what_its_plugins_are()
    {
        PluginStatus[] plugins =
        [
            new() { Id = "a", Version = "1.2", Kind = PluginKind.Transport, State = Sdk.Plugins.PluginState.Active, Instances = ["x", "y"] },
            new() { Id = "b", Kind = PluginKind.Authorizer, State = Sdk.Plugins.PluginState.Incompatible, Reason = "made for another contract" },
            new() { Id = "c", Kind = PluginKind.Interceptor, State = Sdk.Plugins.PluginState.Failed },
            new() { Id = "d", State = Sdk.Plugins.PluginState.Disabled },
        ];
        var authorizer = new OpenAuthorizer();
        await using var app = await StartAsync(HttpProtocols.Http2, authorizer: authorizer, plugins: plugins);
        using var channel = GrpcChannel.ForAddress(app.Urls.Single());
        var client = new BrokerService.BrokerServiceClient(channel);

        var listed = (await client.ListPluginsAsync(new ListPluginsRequest())).Plugins;

        Assert.Equal(
            [("a", "1.2", "transport", 1, "", "x,y"), ("b", "", "authorizer", 2, "made for another contract", ""), ("c", "", "interceptor", 3, "", ""), ("d", "", "", 4, "", "")],
            listed.Select(static p => (p.Id, p.Version, p.Kind, (int)p.State, p.Reason, string.Join(',', p.Instances))));
        authorizer.Decide = static _ => AuthorizationDecision.Deny("no operator");
        var denied = await Assert.ThrowsAsync<RpcException>(async () => await client.ListPluginsAsync(new ListPluginsRequest()));
        Assert.Equal(StatusCode.PermissionDenied, denied.StatusCode);
    }

    private static async Task<WebApplication> StartAsync(
        HttpProtocols protocols,
        LogCollector? log = null,
        IAuthorizer? authorizer = null,
        IReadOnlyList<PluginStatus>? plugins = null,
        Action<EventBrokerOptions>? configure = null,
        Action<IEndpointConventionBuilder>? also = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        if (log is not null)
        {
            builder.Logging.ClearProviders().AddProvider(log);
        }

        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = protocols));
        builder.Services.AddRequestTimeouts(static options => options.DefaultPolicy = new RequestTimeoutPolicy { Timeout = TimeSpan.FromMilliseconds(50) });
        builder.Services.AddEventBroker(options =>
        {
            options.Setup = _ => new BrokerSetup
            {
                Transports = new Dictionary<string, ITransport>
                {
                    ["memory"] = new MemoryTransport(
                        "memory", new MemorySettings(), TimeProvider.System, new System.Diagnostics.Metrics.Meter("Test"), NullLogger.Instance),
                },
                Routes = [new EventRoute { Events = "*", Transport = "memory" }],
                Authorizers = [authorizer ?? new OpenAuthorizer()],
                Plugins = plugins ?? [],
            };
            configure?.Invoke(options);
        });
        var app = builder.Build();
        app.UseRequestTimeouts();
        app.MapGet("/slow", static async (CancellationToken aborted) => await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, aborted));
        var endpoints = app.MapEventBroker();
        also?.Invoke(endpoints);
        await app.StartAsync();
        return app;
    }

    // As one does whose key server is stopped.
    private sealed class HangingAuthorizer : IAuthorizer
    {
        public async ValueTask<AuthorizationDecision> AuthorizeAsync(AuthorizationRequest request, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            return AuthorizationDecision.Allow;
        }
    }
}
