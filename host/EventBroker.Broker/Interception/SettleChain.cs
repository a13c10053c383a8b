using EventBroker.Sdk.Interception;

namespace EventBroker.Broker.Interception;

/// <summary>The interceptors around settling, composed once; null where there are none, so that they cost nothing.</summary>
internal sealed class SettleChain
{
    private readonly SettleNext _first;

    private SettleChain(SettleNext first) => _first = first;

    public static SettleChain? From(IReadOnlyList<IInterceptor> interceptors)
    {
        SettleNext next = static context => ((InterceptedSettlement)context).PassAsync();
        var any = false;
        foreach (var interceptor in interceptors.Reverse().Where(static i => i.Stages.HasFlag(InterceptionStages.Settle)))
        {
            var rest = next;
            next = context => interceptor.SettleAsync(context, rest);
            any = true;
        }

        return any ? new SettleChain(next) : null;
    }

    public ValueTask RunAsync(InterceptedSettlement context) => _first(context);
}
