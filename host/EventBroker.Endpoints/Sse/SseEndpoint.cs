using System.Buffers;
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
    MessageBroker broker,
    SharedPrefixes shared,
    Pulse pulse,
    IOptions<EventBrokerOptions> options,
    TimeProvider time,
    ILogger<SseEndpoint> logger)
{
    // Spread out, so that a restart does not bring everybody back at once.
    private const int MinComeBack = 1000;
    private const int MaxComeBack = 5000;

    public async Task HandleAsync(HttpContext http)
    {
        DataRates.Lift(http);
        UntakenBytes.Bound(http, options.Value.WriteTimeout);
        var name = (string)http.Request.RouteValues["name"]!;
        var request = SubscribeQuery.Parse(name, http.Request);
        var connection = new StreamConnection(http);
        var prefixes = shared.Enter(name);
        BrokerSubscription? subscription = null;
        try
        {
            subscription = await OpenAsync(http, request, connection);
            if (subscription is null)
            {
                return;
            }

            subscription.ConnectionStuck = connection.Cut;
            EndpointLog.Subscribed(logger, Protocols.Sse, name);

            // A worker group or consumer id remembers its own place: ids would only make browsers ask for another one.
            var writesIds = request.Mode != DeliveryMode.WorkerPool && request.ConsumerId.Length == 0;
            await BeginAsync(http, subscription, request, writesIds);
            var turn = new WriteTurn(connection, request.AckTimeout ?? broker.Options.AckTimeout, time);
            var stream = new SseDeliveryStream(subscription, connection, turn, prefixes, http.Response.BodyWriter, writesIds);
            var reason = await RunAsync(http, stream, turn);
            EndpointLog.Unsubscribed(logger, Protocols.Sse, name, connection.IsCut ? connection.CutReason : reason);
        }
        finally
        {
            prefixes.Leave();
            if (subscription is not null)
            {
                await subscription.DisposeAsync();
            }

            connection.Release();
        }
    }

    // Null when the client was told to come back.
    private async Task<BrokerSubscription?> OpenAsync(HttpContext http, SubscribeRequest request, StreamConnection connection)
    {
        var caller = HttpCaller.ForStream(http, Protocols.Sse);
        try
        {
            return await broker.SubscribeAsync(caller, request, http.RequestAborted);
        }
        catch (BrokerException missing) when (Patience.Waits(request, missing))
        {
            return await WaitAsync(http, caller, request, connection);
        }
        catch (BrokerException refusal) when (Patience.MayPass(request, refusal))
        {
            Start(http);
            await EndAsync(http, LastWords(Failures.ForCaller(refusal, logger, Protocols.Sse, http.Request.Path)));
            return null;
        }
    }

    private async Task<BrokerSubscription?> WaitAsync(HttpContext http, HttpCaller caller, SubscribeRequest request, StreamConnection connection)
    {
        Start(http);
        var writer = http.Response.BodyWriter;
        await writer.WriteAsync(SseEvents.Waiting, http.RequestAborted);
        var turn = new WriteTurn(connection, broker.Options.AckTimeout, time);
        try
        {
            await using var heartbeat = pulse.Start(new SseHeartbeat(writer, connection, turn));
            return await broker.SubscribeWhenRegisteredAsync(caller, request, http.RequestAborted);
        }
        catch (BrokerException refusal)
        {
            await EndAsync(http, LastWords(Failures.ForCaller(refusal, logger, Protocols.Sse, http.Request.Path)));
            return null;
        }
    }

    private static void Start(HttpContext http)
    {
        var response = http.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache";
        response.Headers["X-Accel-Buffering"] = "no";
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        response.BodyWriter.Write(SseEvents.Start);
    }

    private static async Task BeginAsync(HttpContext http, BrokerSubscription subscription, SubscribeRequest request, bool writesIds)
    {
        if (!http.Response.HasStarted)
        {
            Start(http);
        }

        var writer = http.Response.BodyWriter;
        if (subscription.Resume != ResumeOutcome.NotAsked)
        {
            writer.Write(SseEvents.Resumed(Resumption.Name(subscription.Resume)));
        }

        if (request.Wait)
        {
            writer.Write(SseEvents.Subscribed(writesIds ? subscription.StartCursor : null));
        }

        await writer.FlushAsync(http.RequestAborted);
    }

    // Returns why it has ended, for the log.
    private async Task<string> RunAsync(HttpContext http, SseDeliveryStream stream, WriteTurn turn)
    {
        try
        {
            await using var heartbeat = pulse.Start(stream);
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

    private static byte[] LastWords(BrokerException failure) => SseEvents.LastWords(failure, Random.Shared.Next(MinComeBack, MaxComeBack));
}
