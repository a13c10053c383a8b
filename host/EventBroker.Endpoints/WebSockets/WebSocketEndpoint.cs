using EventBroker.Broker;
using EventBroker.Endpoints.Http;
using EventBroker.Endpoints.Json;
using EventBroker.Endpoints.Streaming;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EventBroker.Endpoints.WebSockets;

// GET /v1/events/{name}/subscribe. Everything that can be known before the upgrade is answered with its status and the error body.
internal sealed class WebSocketEndpoint(
    MessageBroker broker, SharedPrefixes shared, IOptions<EventBrokerOptions> options, TimeProvider time, ILogger<WebSocketEndpoint> logger)
{
    public async Task HandleAsync(HttpContext http)
    {
        if (!http.WebSockets.IsWebSocketRequest)
        {
            await RefuseAsync(http);
            return;
        }

        DataRates.Lift(http);
        var name = (string)http.Request.RouteValues["name"]!;
        var request = SubscribeQuery.Parse(name, http.Request);
        var caller = HttpCaller.ForStream(http, Protocols.WebSocket);
        await using var subscription = await broker.SubscribeAsync(caller, request, http.RequestAborted);
        var connection = new StreamConnection(http);
        subscription.ConnectionStuck = connection.Cut;
        EndpointLog.Subscribed(logger, Protocols.WebSocket, name);
        var prefixes = shared.Enter(name);
        try
        {
            using var socket = await http.WebSockets.AcceptWebSocketAsync(SubProtocolOf(http));
            var turn = new WriteTurn(connection, request.AckTimeout ?? broker.Options.AckTimeout, time);
            var stream = new WebSocketDeliveryStream(subscription, connection, turn, prefixes, socket, !HttpProtocol.IsHttp11(http.Request.Protocol));
            if (subscription.Resume != ResumeOutcome.NotAsked)
            {
                await stream.SendAsync(ServerFrames.Resumed(Resumption.Name(subscription.Resume)));
            }

            await using var heartbeat = new Heartbeat(stream, options.Value.HeartbeatInterval, time);
            var reason = await new WebSocketSession(broker, socket, stream, caller, http, time, logger).RunAsync();
            EndpointLog.Unsubscribed(logger, Protocols.WebSocket, name, connection.IsCut ? StreamConnection.CutReason : reason);
        }
        finally
        {
            prefixes.Leave();
            connection.Release();
        }
    }

    // A browser that offers some closes the connection unless the server takes one. The broker speaks the same whatever it is called.
    private static string? SubProtocolOf(HttpContext http) => http.WebSockets.WebSocketRequestedProtocols is [var first, ..] ? first : null;

    private static Task RefuseAsync(HttpContext http)
    {
        if (!HttpMethods.IsGet(http.Request.Method))
        {
            return UnknownPaths.RefuseMethod(http, ["GET"]);
        }

        http.Response.Headers.Upgrade = "websocket";
        return ErrorBody.WriteAsync(
            http,
            StatusCodes.Status426UpgradeRequired,
            BrokerErrorCode.FailedPrecondition,
            "this is a WebSocket: connect with an upgrade, or use /stream for server-sent events");
    }
}
