using EventBroker.Protos.Broker.V1;
using EventBroker.Sdk.Transports;
using Grpc.AspNetCore.Server;
using Grpc.Core;

namespace EventBroker.Endpoints.Grpc;

// Looking into events, and moving places in them.
internal sealed partial class BrokerGrpcService
{
    public override async Task<DescribeEventResponse> DescribeEvent(DescribeEventRequest request, ServerCallContext context)
    {
        var http = context.GetHttpContext();
        try
        {
            return ToWire(request.Event, await broker.DescribeAsync(GrpcCalls.Caller(http), request.Event, context.CancellationToken));
        }
        catch (Exception exception)
        {
            throw GrpcCalls.Failed(exception, http, context, logger);
        }
    }

    public override async Task<SeekResponse> Seek(Protos.Broker.V1.SeekRequest request, ServerCallContext context)
    {
        var http = context.GetHttpContext();
        try
        {
            await broker.SeekAsync(GrpcCalls.Caller(http), request.Event, SeekRequests.ToBroker(request), context.CancellationToken);
            return new SeekResponse();
        }
        catch (Exception exception)
        {
            throw GrpcCalls.Failed(exception, http, context, logger);
        }
    }

    private static DescribeEventResponse ToWire(string eventName, EventDescription description)
    {
        var response = new DescribeEventResponse { Event = eventName, Options = EventOptionsForm.ToWire(description.Options) };
        if (description.Messages is { } messages)
        {
            response.Messages = messages;
        }

        if (description.Bytes is { } bytes)
        {
            response.Bytes = bytes;
        }

        response.Places.AddRange(description.Groups
            .OrderBy(static g => g.Kind)
            .ThenBy(static g => g.Name, StringComparer.Ordinal)
            .Select(ToWire));
        return response;
    }

    private static EventPlace ToWire(GroupDescription group)
    {
        var place = new EventPlace { Kind = (Protos.Broker.V1.PlaceKind)(int)group.Kind, Name = group.Name };
        if (group.Members is { } members)
        {
            place.Members = members;
        }

        if (group.Lag is { } lag)
        {
            place.Lag = lag;
        }

        if (group.Unsettled is { } unsettled)
        {
            place.Unsettled = unsettled;
        }

        return place;
    }
}
