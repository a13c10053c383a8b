using EventBroker.Sdk.Interception;

namespace EventBroker.Broker.Interception;

/// <summary>Composes the interceptors of a stage once, so that a call walks from one to the next. Without any there is no chain, and
/// nothing to pay for.</summary>
internal static class InterceptorChain
{
    public static DeliverNext? ForDeliveries(IReadOnlyList<IInterceptor> interceptors) => Compose<DeliverNext>(
        interceptors,
        InterceptionStages.Deliver,
        static context =>
        {
            ((InterceptedDelivery)context).HasPassed = true;
            return default;
        },
        static (interceptor, next) => context => interceptor.DeliverAsync(context, next));

    public static SettleNext? ForSettlements(IReadOnlyList<IInterceptor> interceptors) => Compose<SettleNext>(
        interceptors,
        InterceptionStages.Settle,
        static context => ((InterceptedSettlement)context).PassAsync(),
        static (interceptor, next) => context => interceptor.SettleAsync(context, next));

    /// <summary>Puts the interceptors of a stage around what is done without them.</summary>
    /// <param name="interceptors">All interceptors; the first one is the outermost.</param>
    /// <param name="stage">The stage.</param>
    /// <param name="innermost">What is done without interceptors.</param>
    /// <param name="around">Puts an interceptor around the next step.</param>
    /// <returns>The outermost step; null if no interceptor takes part in the stage.</returns>
    public static TNext? Compose<TNext>(
        IReadOnlyList<IInterceptor> interceptors, InterceptionStages stage, TNext innermost, Func<IInterceptor, TNext, TNext> around)
        where TNext : class
    {
        var taking = interceptors.Where(i => i.Stages.HasFlag(stage)).ToList();
        return taking.Count == 0 ? null : Enumerable.Reverse(taking).Aggregate(innermost, (next, interceptor) => around(interceptor, next));
    }
}
