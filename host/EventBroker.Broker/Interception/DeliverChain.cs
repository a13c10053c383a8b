using EventBroker.Sdk.Interception;

namespace EventBroker.Broker.Interception;

/// <summary>The interceptors of one stage, composed once; null where there are none, so that they cost nothing.</summary>
internal sealed class DeliverChain
{
    private readonly DeliverNext _first;

    private DeliverChain(DeliverNext first) => _first = first;

    public static DeliverChain? From(IReadOnlyList<IInterceptor> interceptors)
    {
        DeliverNext next = static context =>
        {
            ((InterceptedDelivery)context).HasPassed = true;
            return default;
        };
        var any = false;
        foreach (var interceptor in interceptors.Reverse().Where(static i => i.Stages.HasFlag(InterceptionStages.Deliver)))
        {
            var rest = next;
            next = context => interceptor.DeliverAsync(context, rest);
            any = true;
        }

        return any ? new DeliverChain(next) : null;
    }

    public ValueTask RunAsync(InterceptedDelivery context) => _first(context);
}
