using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Interception;

namespace EventBroker.Broker.Interception;

/// <summary>The interceptors around publishing, composed once; null where there are none, so that they cost nothing.</summary>
internal sealed class PublishChain
{
    private readonly PublishNext _first;

    private PublishChain(PublishNext first) => _first = first;

    public static PublishChain? From(IReadOnlyList<IInterceptor> interceptors)
    {
        PublishNext next = static context => ((InterceptedPublish)context).PassAsync();
        var any = false;
        foreach (var interceptor in interceptors.Reverse().Where(static i => i.Stages.HasFlag(InterceptionStages.Publish)))
        {
            var rest = next;
            next = context => interceptor.PublishAsync(context, rest);
            any = true;
        }

        return any ? new PublishChain(next) : null;
    }

    public ValueTask RunAsync(InterceptedPublish context)
    {
        var task = _first(context);
        return task.IsCompletedSuccessfully ? Check(context) : AwaitAsync(task, context);
    }

    private static async ValueTask AwaitAsync(ValueTask task, InterceptedPublish context)
    {
        await task;
        await Check(context);
    }

    private static ValueTask Check(InterceptedPublish context) => context.HasPassed
        ? default
        : throw new BrokerException(BrokerErrorCode.PermissionDenied, "the message was not let through by an interceptor");
}
