using Benchmarks.Durable;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Benchmarks.Bare;

/// <summary>The ceiling: the broker's Kestrel and gRPC with nothing behind them, or with SQLite behind publishing.</summary>
internal static class BareServer
{
    public static async Task RunAsync(Uri grpc, Uri http, string? file)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.Http2.MaxStreamsPerConnection = 1_000;
            kestrel.ListenLocalhost(grpc.Port, listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.ListenLocalhost(http.Port, listen => listen.Protocols = HttpProtocols.Http1);
        });
        builder.Services.AddGrpc();
        if (file is not null)
            builder.Services.AddSingleton(new BareSqlite(file));

        builder.Services.AddSingleton<SseFanOut>();
        builder.Services.AddSingleton<WebSocketFanOut>();

        var app = builder.Build();
        app.MapGrpcService<BareEventService>();
        app.MapGrpcService<BareBrokerService>();
        app.MapGet("/readyz", () => Results.Ok());
        app.MapPost(BareDrop.Path, BareDrop.DenyAsync);
        app.MapPost("/v1/events/{name}", () => Results.Ok());
        app.MapPost("/v1/events/{name}/messages", BareRest.PublishAsync);
        app.MapGet("/v1/events/{name}/stream", (HttpContext context, SseFanOut fanOut) => fanOut.SubscribeAsync(context));
        app.MapGet("/v1/events/{name}/subscribe", (HttpContext context, WebSocketFanOut fanOut) => fanOut.SubscribeAsync(context));
        app.MapPost("/fanout/sse", (int burst, SseFanOut fanOut) => fanOut.SendAsync(burst));
        app.MapPost("/fanout/websocket", (int burst, WebSocketFanOut fanOut) => fanOut.SendAsync(burst));
        await app.RunAsync();
    }
}
