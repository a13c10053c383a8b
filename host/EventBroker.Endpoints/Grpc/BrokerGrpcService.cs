using EventBroker.Broker;
using EventBroker.Endpoints.Http;
using EventBroker.Protos.Broker.V1;
using EventBroker.Sdk.Errors;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using PublishItem = EventBroker.Broker.Publishing.PublishItem;

namespace EventBroker.Endpoints.Grpc;

// eventbroker.v1: what goes beyond the contract that is shared with event-server.
internal sealed partial class BrokerGrpcService(
    MessageBroker broker, ContractHeaders contract, TimeProvider time, ILogger<BrokerGrpcService> logger)
    : BrokerService.BrokerServiceBase
{
    // How many messages of a publish stream go to the transport together.
    private const int StreamBatch = 256;
    private const int StreamBatchBytes = 1024 * 1024;

    public override async Task<ListPluginsResponse> ListPlugins(ListPluginsRequest request, ServerCallContext context)
    {
        var http = context.GetHttpContext();
        try
        {
            var response = new ListPluginsResponse();
            foreach (var plugin in await broker.ListPluginsAsync(GrpcCalls.Caller(http), context.CancellationToken))
            {
                var shown = new Plugin
                {
                    Id = plugin.Id,
                    Version = plugin.Version,
                    Kind = plugin.Kind switch
                    {
                        Sdk.Plugins.PluginKind.Transport => "transport",
                        Sdk.Plugins.PluginKind.Authorizer => "authorizer",
                        Sdk.Plugins.PluginKind.Interceptor => "interceptor",
                        _ => "",
                    },
                    State = (PluginState)(int)plugin.State,
                    Reason = plugin.Reason,
                };
                shown.Instances.AddRange(plugin.Instances);
                response.Plugins.Add(shown);
            }

            return response;
        }
        catch (Exception exception)
        {
            throw GrpcCalls.Failed(exception, http, context, logger);
        }
    }

    public async Task<PublishBatchResponse> PublishBatchAsync(Decoded<List<PublishCall>> request, ServerCallContext context)
    {
        var http = context.GetHttpContext();
        try
        {
            var source = MessageSource.Of(http.Request);
            var items = request.Value.ConvertAll(call => ToItem(call, source));
            await broker.PublishAsync(GrpcCalls.Caller(http), items, context.CancellationToken);
            ThrowIfWhollyDenied(items);
            var response = new PublishBatchResponse();
            for (var i = 0; i < items.Count; i++)
            {
                response.Ids.Add(items[i].Failure is null ? System.Text.Encoding.UTF8.GetString(items[i].Id.Span) : "");
                AddFailure(response.Failures, items[i], i);
                AddDuplicate(response.Duplicates, items[i], i);
            }

            return response;
        }
        catch (Exception exception)
        {
            throw GrpcCalls.Failed(exception, http, context, logger);
        }
    }

    public async Task PublishStreamAsync(
        IAsyncStreamReader<PublishCall> requests, IServerStreamWriter<PublishProgress> responses, ServerCallContext context)
    {
        var http = context.GetHttpContext();
        http.Response.Headers[ContractHeaders.Contract] = ContractHeaders.Version;
        contract.WriteLimits(http.Response.Headers);
        using var identity = new IdentityEnd(HttpCaller.Of(http, Protocols.Grpc), time, context.CancellationToken);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(identity.Token, broker.Draining);
        try
        {
            await PublishAllAsync(requests, responses, context, identity, end.Token);
        }
        catch (Exception) when (identity.HasCome)
        {
            throw Statuses.ToRpc(IdentityEnd.Told());
        }
        catch (OperationCanceledException) when (broker.Draining.IsCancellationRequested && !context.CancellationToken.IsCancellationRequested)
        {
            throw Statuses.ToRpc(new BrokerException(
                BrokerErrorCode.Unavailable, "the broker is shutting down: publish what was not answered again, elsewhere or later"));
        }
        catch (Exception exception)
        {
            throw GrpcCalls.Failed(exception, http, context, logger);
        }
    }

    // Publishes whatever has arrived as one batch while the next ones are arriving. Its end, where it is not the call's, comes between batches:
    // what was begun is answered, so that its publisher need not publish it again to be sure.
    private async Task PublishAllAsync(
        IAsyncStreamReader<PublishCall> requests,
        IServerStreamWriter<PublishProgress> responses,
        ServerCallContext context,
        IdentityEnd identity,
        CancellationToken end)
    {
        var http = context.GetHttpContext();
        var caller = HttpCaller.Of(http, Protocols.Grpc);
        var source = MessageSource.Of(http.Request);
        var messages = PublishMessages.Of(http, requests, GrpcLimits.LargestRequest(broker, typeof(BrokerGrpcService)));
        var calls = new List<PublishCall>(StreamBatch);
        var items = new List<PublishItem>(StreamBatch);
        long count = 0;
        while (true)
        {
            await messages.ReadAsync(calls, StreamBatch, StreamBatchBytes, end);
            if (calls.Count == 0)
            {
                return;
            }

            foreach (var call in calls)
            {
                items.Add(ToItem(call, source));
            }

            await broker.PublishAsync(caller, items, context.CancellationToken);
            identity.Watch();
            var progress = new PublishProgress { Count = count + items.Count };
            for (var i = 0; i < items.Count; i++)
            {
                AddFailure(progress.Failures, items[i], count + i);
                AddDuplicate(progress.Duplicates, items[i], count + i);
            }

            count = progress.Count;
            calls.Clear();
            items.Clear();
            await responses.WriteAsync(progress, context.CancellationToken);
            end.ThrowIfCancellationRequested();
        }
    }

    // A caller that may publish none of it is told so by the status, as if it had published one by one.
    private static void ThrowIfWhollyDenied(List<PublishItem> items)
    {
        if (items.Count > 0 && items.TrueForAll(static i => i.Failure is { Code: BrokerErrorCode.PermissionDenied or BrokerErrorCode.Unauthenticated }))
        {
            throw items[0].Failure!;
        }
    }

    private static PublishItem ToItem(PublishCall call, string source)
    {
        if (call.Fault is not null)
        {
            return new PublishItem { EventName = "", Message = new Sdk.Messages.MessageEncoder(), Failure = call.Fault };
        }

        call.Message!.WriteSource(source);
        return call.ToItem();
    }

    private static void AddDuplicate(Google.Protobuf.Collections.RepeatedField<long> duplicates, PublishItem item, long index)
    {
        if (item.IsDuplicate)
        {
            duplicates.Add(index);
        }
    }

    private static void AddFailure(Google.Protobuf.Collections.RepeatedField<PublishFailure> failures, PublishItem item, long index)
    {
        if (item.Failure is { } failure)
        {
            failures.Add(new PublishFailure { Index = index, Code = (int)failure.Code, Message = failure.Message, Final = failure.IsFinal });
        }
    }
}
