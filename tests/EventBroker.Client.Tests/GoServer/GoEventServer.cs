using EventBroker.Client.Tests.Hosting;
using EventBroker.Protos.Event.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EventBroker.Client.Tests.GoServer;

// A server that knows event.v1 alone, as the Go event-server does: no headers before the first message of a stream, empty ack
// responses, no BrokerService, no cursors, no redelivery.
internal sealed class GoEventServer : IAsyncDisposable
{
    private readonly ReservedPort _port = new();
    private WebApplication? _app;

    public Uri Address => new($"http://localhost:{_port.EndPoint.Port}");

    public GoEventService Service { get; } = new();

    public RequestLog Requests { get; } = new();

    public static async Task<GoEventServer> CreateAsync()
    {
        var server = new GoEventServer();
        await server.StartAsync();
        return server;
    }

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSockets(options => options.CreateBoundListenSocket = _ => _port.Bind());
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(_port.EndPoint, static listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(Service);
        _app = builder.Build();
        _app.Use(async (context, next) =>
        {
            await Requests.EnterAsync(context);
            await next(context);
        });
        _app.MapGrpcService<GoEventService>();
        await _app.StartAsync();
    }

    public async Task StopAsync()
    {
        Service.EndStreams(error: null);
        await _app!.StopAsync();
        await _app.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _port.Dispose();
    }
}
