using EventBroker.Broker;
using EventBroker.Broker.Health;
using EventBroker.Endpoints.Rest;
using EventBroker.Endpoints.Streaming;
using EventBroker.Protos.Event.V1;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EventBroker.Endpoints.Grpc;

// The unary methods that are not hot. Publish, Subscribe and Ack are in the other part.
internal sealed partial class EventGrpcService(
    MessageBroker broker, ContractHeaders contract, Pulse pulse, TimeProvider time, ILogger<EventGrpcService> logger) : EventService.EventServiceBase
{
    public override Task<RegisterEventResponse> RegisterEvent(RegisterEventRequest request, ServerCallContext context) =>
        RunAsync(context, request, static async (self, caller, request, call) =>
        {
            var options = EventOptionsForm.ToBroker(RegisterOptions.Of(request, call.GetHttpContext()));
            await self.Broker.RegisterAsync(caller, request.Name, options, call.CancellationToken);
            return new RegisterEventResponse();
        });

    public override Task<UnregisterEventResponse> UnregisterEvent(UnregisterEventRequest request, ServerCallContext context) =>
        RunAsync(context, request, static async (self, caller, request, call) =>
        {
            await self.Broker.UnregisterAsync(caller, request.Name, call.CancellationToken);
            return new UnregisterEventResponse();
        });

    public override Task<ListEventsResponse> ListEvents(ListEventsRequest request, ServerCallContext context) =>
        RunAsync(context, request, static async (self, caller, _, call) =>
        {
            var response = new ListEventsResponse();
            response.Events.AddRange(await self.Broker.ListAsync(caller, call.CancellationToken));
            return response;
        });

    public override Task<HealthResponse> Health(HealthRequest request, ServerCallContext context) =>
        RunAsync(context, request, static async (self, caller, _, call) =>
        {
            call.GetHttpContext().Response.Headers[ContractHeaders.Contract] = ContractHeaders.Version;
            BrokerHealth health = await self.Broker.CheckHealthAsync(caller, call.CancellationToken);
            var response = new HealthResponse { Status = (HealthStatus)(int)health.Status, Message = health.Message };
            foreach (var (key, value) in health.Details)
            {
                response.Details.Add(key, value);
            }

            return response;
        });

    private MessageBroker Broker => broker;

    private async Task<TResponse> RunAsync<TRequest, TResponse>(
        ServerCallContext context,
        TRequest request,
        Func<EventGrpcService, Http.HttpCaller, TRequest, ServerCallContext, Task<TResponse>> call)
    {
        var http = context.GetHttpContext();
        try
        {
            return await call(this, GrpcCalls.Caller(http), request, context);
        }
        catch (Exception exception)
        {
            throw GrpcCalls.Failed(exception, http, context, logger);
        }
    }
}
