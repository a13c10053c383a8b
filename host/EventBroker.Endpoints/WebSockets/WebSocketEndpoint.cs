using System.Buffers;
using EventBroker.Broker;
using EventBroker.Broker.Subscribing;
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
    MessageBroker broker,
    SharedPrefixes shared,
    Pulse pulse,
    IOptions<EventBrokerOptions> options,
    TimeProvider time,
    ILogger<WebSocketEndpoint> logger)
{
    // Those of which a token may consist (RFC 9110).
    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    public async Task HandleAsync(HttpContext http)
    {
        if (!http.WebSockets.IsWebSocketRequest)
        {
            await RefuseAsync(http);
            return;
        }

        var subProtocol = SubProtocolOf(http);
        DataRates.Lift(http);
        UntakenBytes.Bound(http, options.Value.WriteTimeout);
        var name = (string)http.Request.RouteValues["name"]!;
        var request = SubscribeQuery.Parse(name, http.Request);
        var caller = HttpCaller.ForStream(http, Protocols.WebSocket);
        var connection = new StreamConnection(http);
        var prefixes = shared.Enter(name);
        BrokerSubscription? subscription = null;
        try
        {
            BrokerException? refusal = null;
            try
            {
                subscription = await broker.SubscribeAsync(caller, request, http.RequestAborted);
            }
            catch (BrokerException told) when (request.Wait)
            {
                // A page sees nothing of an upgrade that is refused, not even its status.
                refusal = told;
            }

            using var socket = await http.WebSockets.AcceptWebSocketAsync(subProtocol);
            var turn = new WriteTurn(connection, request.AckTimeout ?? broker.Options.AckTimeout, time);
            var pinged = pulse.AsksForAnswers ? http.Features.Get<PingedUpgrade>()?.Stream : null;
            var output = new WebSocketOutput(socket, pinged, turn, connection, !HttpProtocol.IsHttp11(http.Request.Protocol));
            await using var heartbeat = pulse.Start(output);
            var session = new WebSocketSession(broker, socket, output, caller, http, time, logger);
            var reason = await session.RunAsync(DeliverAsync);
            if (session.KnowsOfTakeover)
            {
                subscription?.ClientKnowsOfTakeover();
            }

            EndpointLog.Unsubscribed(logger, Protocols.WebSocket, name, connection.IsCut ? connection.CutReason : reason);

            async Task DeliverAsync(CancellationToken stop)
            {
                if (refusal is not null)
                {
                    subscription = await WaitAsync(caller, request, refusal, output, stop);
                }

                EndpointLog.Subscribed(logger, Protocols.WebSocket, name);
                subscription!.ConnectionStuck = connection.Cut;
                await BeginAsync(subscription, request, output);
                await new WebSocketDeliveryStream(subscription, connection, output, prefixes).RunAsync(stop);
            }
        }
        finally
        {
            if (subscription is not null)
            {
                await subscription.DisposeAsync();
            }

            prefixes.Leave();
            connection.Release();
        }
    }

    private async Task<BrokerSubscription> WaitAsync(
        HttpCaller caller, SubscribeRequest request, BrokerException refusal, WebSocketOutput output, CancellationToken stop)
    {
        if (!Patience.Waits(request, refusal))
        {
            throw refusal;
        }

        await output.SendAsync(ServerFrames.Waiting);
        return await broker.SubscribeWhenRegisteredAsync(caller, request, stop);
    }

    private static async Task BeginAsync(BrokerSubscription subscription, SubscribeRequest request, WebSocketOutput output)
    {
        if (subscription.Resume != ResumeOutcome.NotAsked)
        {
            await output.SendAsync(ServerFrames.Resumed(Resumption.Name(subscription.Resume)));
        }

        if (request.Wait)
        {
            await output.SendAsync(ServerFrames.Subscribed(subscription.StartCursor));
        }
    }

    // A browser that offers some closes the connection unless the server takes one. The broker speaks the same whatever it is called.
    private static string? SubProtocolOf(HttpContext http)
    {
        var first = http.WebSockets.WebSocketRequestedProtocols.FirstOrDefault(static p => p.Length > 0);
        return first is null || !first.AsSpan().ContainsAnyExcept(TokenCharacters)
            ? first
            : throw new BrokerException(BrokerErrorCode.InvalidArgument, "Sec-WebSocket-Protocol must be names of subprotocols, separated by commas");
    }

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
