using EventBroker.Broker.Subscribing;
using EventBroker.Endpoints.Http;
using EventBroker.Endpoints.Streaming;
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
        try
        {
            // Held by the stream alone: its pump is all that lives while the subscription is idle.
            var stream = await OpenAsync(SubscribeRequests.ToBroker(request.Value), http, connection, context.CancellationToken);
            await stream.RunAsync(context.CancellationToken);
        }
        catch (Exception exception)
        {
            throw GrpcCalls.Failed(exception, http, context, logger);
        }
        finally
        {
            connection.Release();
        }
    }

    private async Task<GrpcDeliveryStream> OpenAsync(
        SubscribeRequest request, HttpContext http, StreamConnection connection, CancellationToken cancellationToken)
    {
        var subscription = await broker.SubscribeAsync(HttpCaller.ForStream(http, Protocols.Grpc), request, cancellationToken);
        subscription.ConnectionStuck = connection.Cut;
        try
        {
            WriteHeaders(subscription, http.Response.Headers);

            // Flushed at once, so that the client knows that it is subscribed.
            await http.Response.BodyWriter.FlushAsync(cancellationToken);
            return new GrpcDeliveryStream(subscription, connection, http.Response.BodyWriter);
        }
        catch
        {
            await subscription.DisposeAsync();
            throw;
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
