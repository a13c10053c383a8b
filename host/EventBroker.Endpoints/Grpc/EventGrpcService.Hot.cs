using EventBroker.Broker.Subscribing;
using EventBroker.Endpoints.Http;
using EventBroker.Endpoints.Streaming;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace EventBroker.Endpoints.Grpc;

// The hot methods: bound by EventMethods with marshallers of our own.
internal sealed partial class EventGrpcService
{
    // Tells where the subscription begins, measured by what was asked for: exact, lost, new or kept.
    private const string ResumeHeader = "eventbroker-resume";

    // The cursor behind which the first message lies, for a client that is cut off before it got one.
    private const string CursorHeader = "eventbroker-cursor";

    public async Task<PublishCall> PublishAsync(PublishCall call, ServerCallContext context)
    {
        var http = context.GetHttpContext();
        try
        {
            if (call.Fault is not null)
            {
                throw call.Fault;
            }

            call.Message!.WriteSource(MessageSource.Of(http.Request));
            (call.Id, call.IsDuplicate) = await broker.PublishAsync(
                HttpCaller.Of(http, Protocols.Grpc), call.EventName, call.Message, context.CancellationToken);
            return call;
        }
        catch (Exception exception)
        {
            throw GrpcCalls.Failed(exception, http, context, logger);
        }
    }

    public async Task<AckCall> AckAsync(Decoded<AckCall> request, ServerCallContext context)
    {
        var http = context.GetHttpContext();
        try
        {
            await broker.SettleAsync(HttpCaller.Of(http, Protocols.Grpc), request.Value.Entries, context.CancellationToken);
            return request.Value;
        }
        catch (Exception exception)
        {
            throw GrpcCalls.Failed(exception, http, context, logger);
        }
    }

    public async Task SubscribeAsync(Decoded<Protos.Event.V1.SubscribeRequest> request, ServerCallContext context)
    {
        var http = context.GetHttpContext();
        var connection = new StreamConnection(http);
        contract.WriteLimits(http.Response.Headers);
        var isOpen = false;
        var end = "the client has gone";
        try
        {
            // Held by the stream alone: its pump is all that lives while the subscription is idle.
            var wish = SubscribeRequests.ToBroker(request.Value);
            var turn = request.Value.Heartbeat ? new WriteTurn(connection, wish.AckTimeout ?? broker.Options.AckTimeout, time) : null;
            var stream = await OpenAsync(wish, http, connection, turn, context.CancellationToken);
            EndpointLog.Subscribed(logger, Protocols.Grpc, request.Value.Event);
            isOpen = true;
            if (turn is null)
            {
                await stream.RunAsync(context.CancellationToken);
            }
            else
            {
                await RunWithHeartbeatAsync(stream, turn, context.CancellationToken);
            }
        }
        catch (Exception exception)
        {
            var failure = GrpcCalls.Failed(exception, http, context, logger);
            end = failure.Status.Detail;
            throw failure;
        }
        finally
        {
            if (isOpen)
            {
                EndpointLog.Unsubscribed(logger, Protocols.Grpc, request.Value.Event, connection.IsCut ? connection.CutReason : end);
            }

            connection.Release();
        }
    }

    private async Task RunWithHeartbeatAsync(GrpcDeliveryStream stream, WriteTurn turn, CancellationToken cancellationToken)
    {
        await using var heartbeat = pulse.Start(stream);
        try
        {
            await stream.RunAsync(cancellationToken);
        }
        finally
        {
            await turn.CloseAsync(broker.Options.CloseTimeout);
        }
    }

    private async Task<GrpcDeliveryStream> OpenAsync(
        SubscribeRequest request, HttpContext http, StreamConnection connection, WriteTurn? turn, CancellationToken cancellationToken)
    {
        var subscription = await SubscribeAsync(HttpCaller.ForStream(http, Protocols.Grpc), request, cancellationToken);
        subscription.ConnectionStuck = connection.Cut;
        try
        {
            WriteHeaders(subscription, http.Response.Headers);

            // Flushed at once, so that the client knows that it is subscribed.
            await http.Response.BodyWriter.FlushAsync(cancellationToken);
            return new GrpcDeliveryStream(subscription, connection, http.Response.BodyWriter, turn);
        }
        catch
        {
            await subscription.DisposeAsync();
            throw;
        }
    }

    private async ValueTask<BrokerSubscription> SubscribeAsync(HttpCaller caller, SubscribeRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await broker.SubscribeAsync(caller, request, cancellationToken);
        }
        catch (BrokerException missing) when (request.Wait && missing.Code == BrokerErrorCode.NotFound)
        {
            return await broker.SubscribeWhenRegisteredAsync(caller, request, cancellationToken);
        }
    }

    private static void WriteHeaders(BrokerSubscription subscription, IHeaderDictionary headers)
    {
        headers[ContractHeaders.Contract] = ContractHeaders.Version;
        if (subscription.Resume != ResumeOutcome.NotAsked)
        {
            headers[ResumeHeader] = Resumption.Name(subscription.Resume);
        }

        if (subscription.StartCursor is { } cursor)
        {
            headers[CursorHeader] = cursor;
        }
    }
}
