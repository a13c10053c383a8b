using EventBroker.Broker.Publishing;
using EventBroker.Broker.Routing;
using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Interception;
using EventBroker.Sdk.Transports;
using Microsoft.Extensions.Logging;

namespace EventBroker.Broker.Interception;

/// <summary>The interceptors around publishing, composed once; null where there are none, so that they cost nothing.</summary>
internal sealed class PublishChain
{
    private readonly PublishNext _first;
    private readonly PublishBatchNext _firstOfBatch;

    private PublishChain(PublishNext first, PublishBatchNext firstOfBatch)
    {
        _first = first;
        _firstOfBatch = firstOfBatch;
    }

    public static PublishChain? From(IReadOnlyList<IInterceptor> interceptors)
    {
        var first = InterceptorChain.Compose<PublishNext>(
            interceptors,
            InterceptionStages.Publish,
            static context => ((InterceptedPublish)context).PassAsync(),
            static (interceptor, next) => context => interceptor.PublishAsync(context, next));
        var firstOfBatch = InterceptorChain.Compose<PublishBatchNext>(
            interceptors,
            InterceptionStages.Publish,
            PassAsync,
            static (interceptor, next) => context => interceptor.PublishBatchAsync(context, next));
        return first is null || firstOfBatch is null ? null : new PublishChain(first, firstOfBatch);
    }

    public ValueTask<PublishReceipt> RunAsync(InterceptedPublish context)
    {
        var task = _first(context);
        return task.IsCompletedSuccessfully ? new(Check(context)) : AwaitAsync(task, context);
    }

    /// <summary>Lets a batch pass as a batch; each of its messages fails or succeeds by itself.</summary>
    public async ValueTask RunAsync(
        Caller caller,
        PublishRun run,
        RoutedTransport route,
        PublishBatch batch,
        int largestMessage,
        ILogger logger,
        CancellationToken cancellationToken)
    {
        var items = new PublishBatchItem[batch.Count];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = new PublishBatchItem
            {
                Context = new InterceptedPublish
                {
                    Caller = caller,
                    EventName = run.EventName,
                    Transport = route.Name,
                    Route = route,
                    Message = batch[i].Message,
                    LargestMessage = largestMessage,
                    HasGeneratedId = batch[i].HasGeneratedId,
                    CancellationToken = cancellationToken,
                },
            };
        }

        Exception? thrown = null;
        try
        {
            await _firstOfBatch(new PublishBatchContext
            {
                Caller = caller,
                EventName = run.EventName,
                Transport = route.Name,
                Items = items,
                CancellationToken = cancellationToken,
            });
        }
#pragma warning disable CA1031 // It decides what has no result yet; what the transport has taken is taken.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            thrown = exception;
        }

        for (var i = 0; i < items.Length; i++)
        {
            var context = (InterceptedPublish)items[i].Context;
            var failure = items[i].Failure ?? (context.HasPassed ? null : Refusal(thrown));
            if (failure is { Code: BrokerErrorCode.Internal })
            {
                BrokerLog.PublishFailed(logger, failure.InnerException ?? failure, 1, run.EventName);
            }

            run.Sent[i].Decide(failure, context.Receipt);
        }
    }

    // The innermost of a batch: to the transport, in one call.
    private static async ValueTask PassAsync(PublishBatchContext context)
    {
        foreach (var item in context.Items)
        {
            item.Failure ??= ((InterceptedPublish)item.Context).Refusal;
        }

        var passing = context.Items.Where(static i => i.Failure is null).ToList();
        if (passing.Count == 0)
        {
            return;
        }

        var route = ((InterceptedPublish)passing[0].Context).Route;
        var batch = new PublishBatch(passing.Count);
        foreach (var item in passing)
        {
            batch.Add(((InterceptedPublish)item.Context).Outgoing);
        }

        try
        {
            await route.PublishAsync(context.Caller, context.EventName, batch, context.CancellationToken);
        }
        catch (BrokerException failure)
        {
            passing.ForEach(item => item.Failure = failure);
            return;
        }

        for (var i = 0; i < passing.Count; i++)
        {
            var published = (InterceptedPublish)passing[i].Context;
            published.HasPassed = true;
            published.Receipt = batch.GetReceipt(i);
            passing[i].Failure = batch.GetFailure(i);
        }
    }

    private static async ValueTask<PublishReceipt> AwaitAsync(ValueTask task, InterceptedPublish context)
    {
        await task;
        return Check(context);
    }

    private static PublishReceipt Check(InterceptedPublish context) => context.HasPassed ? context.Receipt : throw Refusal(null);

    private static BrokerException Refusal(Exception? thrown) => thrown switch
    {
        null => new BrokerException(BrokerErrorCode.PermissionDenied, "the message was not let through by an interceptor"),
        BrokerException refusal => refusal,
        _ => new BrokerException(BrokerErrorCode.Internal, "internal error", thrown),
    };
}
