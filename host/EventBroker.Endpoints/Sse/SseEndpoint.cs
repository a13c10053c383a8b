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
    MessageBroker broker, SharedPrefixes shared, IOptions<EventBrokerOptions> options, TimeProvider time, ILogger<SseEndpoint> logger)
{
    private static readonly byte[] Start = "retry: 5000\n\n: connected\n\n"u8.ToArray();

    // Spread out, so that a restart does not bring everybody back at once.
    private const int MinComeBack = 1000;
    private const int MaxComeBack = 5000;

    public async Task HandleAsync(HttpContext http)
    {
        DataRates.Lift(http);
        var name = (string)http.Request.RouteValues["name"]!;
        var request = SubscribeQuery.Parse(name, http.Request);
        var subscription = await broker.SubscribeAsync(HttpCaller.ForStream(http, Protocols.Sse), request, http.RequestAborted);
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
            var stream = new SseDeliveryStream(subscription, connection, turn, prefixes, http.Response.BodyWriter, writesIds);
            var reason = await RunAsync(http, stream, turn);
            EndpointLog.Unsubscribed(logger, Protocols.Sse, name, connection.IsCut ? StreamConnection.CutReason : reason);
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

    // Returns why it has ended, for the log.
    private async Task<string> RunAsync(HttpContext http, SseDeliveryStream stream, WriteTurn turn)
    {
        try
        {
            await using var heartbeat = new Heartbeat(stream, options.Value.HeartbeatInterval, time);
            try
            {
                await stream.RunAsync(http.RequestAborted);
            }
            finally
            {
                await turn.CloseAsync(broker.Options.CloseTimeout);
            }

            return "the client has gone";
        }
        catch (Exception exception) when (!Failures.IsClientGone(exception, http))
        {
            var failure = Failures.ForCaller(exception, logger, Protocols.Sse, http.Request.Path);
            await EndAsync(http, LastWords(failure));
            return failure.Message;
        }
    }

    // A client that has stopped reading may not take the end either.
    private async Task EndAsync(HttpContext http, byte[] lastWords)
    {
        try
        {
            await WriteAsync().WaitAsync(broker.Options.CloseTimeout, time);
        }
        catch (TimeoutException)
        {
            http.Abort();
        }

        async Task WriteAsync()
        {
            await http.Response.BodyWriter.WriteAsync(lastWords, http.RequestAborted);
            await http.Response.CompleteAsync();
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
