using System.Buffers;
using System.Text;
using System.Text.Json;
using EventBroker.Broker;
using EventBroker.Broker.Subscribing;
using EventBroker.Endpoints.Http;
using EventBroker.Endpoints.Json;
using EventBroker.Endpoints.Streaming;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EventBroker.Endpoints.Sse;

// GET /v1/events/{name}/stream. Everything that can be known before the start is answered with its status and the error body; what comes later
// is an event.
internal sealed class SseEndpoint(
    MessageBroker broker, SharedPrefixes shared, StreamEnd end, IOptions<EventBrokerOptions> options, TimeProvider time, ILogger<SseEndpoint> logger)
{
    private static readonly byte[] Start = "retry: 5000\n\n: connected\n\n"u8.ToArray();

    // Spread out, so that a restart does not bring everybody back at once.
    private const int MinComeBack = 1000;
    private const int MaxComeBack = 5000;

    public async Task HandleAsync(HttpContext http)
    {
        var name = (string)http.Request.RouteValues["name"]!;
        var request = SubscribeQuery.Parse(name, http.Request);
        var subscription = await broker.SubscribeAsync(new HttpCaller(http, Protocols.Sse), request, http.RequestAborted);
        var connection = new StreamConnection(http);
        subscription.ConnectionStuck = connection.Cut;
        EndpointLog.Subscribed(logger, Protocols.Sse, name);
        var prefixes = shared.Enter(name);
        try
        {
            await StartAsync(http, subscription);

            // A worker group or consumer id remembers its own place: ids would only make browsers ask for another one.
            var writesIds = request.Mode != DeliveryMode.WorkerPool && request.ConsumerId.Length == 0;
            var turn = new WriteTurn(connection, request.AckTimeout ?? broker.Options.AckTimeout, time);
            await RunAsync(http, new SseDeliveryStream(subscription, connection, turn, prefixes, http.Response.BodyWriter, writesIds), connection, name);
        }
        finally
        {
            prefixes.Leave();
            await subscription.DisposeAsync();
            connection.Release();
        }
    }

    private static async Task StartAsync(HttpContext http, BrokerSubscription subscription)
    {
        var response = http.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache";
        response.Headers["X-Accel-Buffering"] = "no";
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        response.BodyWriter.Write(Start);
        if (subscription.Resume != ResumeOutcome.NotAsked)
        {
            response.BodyWriter.Write(Encoding.UTF8.GetBytes(
                $"event: resumed\ndata: {{\"type\":\"resumed\",\"outcome\":\"{Resumption.Name(subscription.Resume)}\"}}\n\n"));
        }

        await response.BodyWriter.FlushAsync(http.RequestAborted);
    }

    private async Task RunAsync(HttpContext http, SseDeliveryStream stream, StreamConnection connection, string name)
    {
        try
        {
            await using (new Heartbeat(stream, options.Value.HeartbeatInterval, time))
            {
                await stream.RunAsync(http.RequestAborted);
            }

            EndpointLog.Unsubscribed(logger, Protocols.Sse, name, connection.IsCut ? StreamConnection.CutReason : "the client has gone");
        }
        catch (Exception exception) when (!Failures.IsClientGone(exception, http))
        {
            var failure = Failures.ForCaller(exception, logger, Protocols.Sse, http.Request.Path);
            EndpointLog.Unsubscribed(logger, Protocols.Sse, name, failure.Message);
            await end.CompleteAsync(http, LastWords(failure));
        }
    }

    private static byte[] LastWords(BrokerException failure)
    {
        var text = new StringBuilder();
        if (failure.Code == BrokerErrorCode.Unavailable)
        {
            text.Append("retry: ").Append(Random.Shared.Next(MinComeBack, MaxComeBack)).Append("\n\n");
        }

        text.Append("event: error\ndata: {\"error\":\"")
            .Append(JsonEncodedText.Encode(failure.Message))
            .Append("\",\"code\":").Append((int)failure.Code).Append("}\n\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
