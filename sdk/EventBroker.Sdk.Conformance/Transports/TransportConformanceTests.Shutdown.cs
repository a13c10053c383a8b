using System.Runtime.CompilerServices;
using EventBroker.Sdk.Conformance.Discovery;
using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

public abstract partial class TransportConformanceTests<TFixture>
{
    /// <summary>A thread, a timer or a socket that goes on holds what it works for, so that it is not collected.</summary>
    /// <returns>A task.</returns>
    [TransportFact]
    public async Task A_disposed_transport_leaves_nothing_running()
    {
        var left = await UseAndDisposeAsync();
        var patience = Task.Delay(Fixture.Patience, TimeProvider.System);
        while (left.Any(static l => l.Object.IsAlive) && !patience.IsCompleted)
        {
            // Something may be ending just now.
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.Empty(left.Where(static l => l.Object.IsAlive).Select(static l => l.Name));
    }

    // Not inlined, so that nothing of it is on the stack of whoever looks.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private async Task<(string Name, WeakReference Object)[]> UseAndDisposeAsync()
    {
        var groups = Transport.Capabilities.Has(TransportCapability.WorkerGroups);
        await PublishToNobodyAsync("before");
        var idle = await SubscribeAsync();
        var waiting = await SubscribeAsync();
        await (groups ? OpenAsync(PlaceKind.WorkerGroup) : SubscribeAsync());
        await PublishAsync(Numbers(0, 20));
        waiting.Subscription.Demand(1);
        if (groups)
        {
            // A redelivery that is due in an hour has a timer.
            var worker = await OpenAsync(PlaceKind.WorkerGroup, "other");
            await PublishAsync("a", "b");
            var taken = await worker.TakeAsync(2);
            Func<Delivery, TransportSettlement> settle = Transport.Capabilities.Has(TransportCapability.RedeliveryDelay)
                ? static d => TestSubscriber.Release(d, TimeSpan.FromHours(1))
                : TestSubscriber.Complete;
            await worker.SettleAsync(settle(taken[0]));
        }

        await idle.DisposeAsync();
        (string, WeakReference)[] left =
        [
            ("the transport", new WeakReference(Transport)),
            ("a subscription that was disposed", new WeakReference(idle.Subscription)),
            ("a subscription that was not disposed", new WeakReference(waiting.Subscription)),
        ];
        await Transport.DisposeAsync();
        Transport = null!;
        _subscribers.Clear();
        return left;
    }
}
