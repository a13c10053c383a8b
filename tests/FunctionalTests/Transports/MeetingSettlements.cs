using EventBroker.Sdk.Transports;

namespace EventBroker.FunctionalTests.Transports;

// A transport that answers no settlement before settlements of so many subscriptions have come.
internal sealed class MeetingSettlements(ITransport inner, int subscriptions) : TransportDecorator(inner)
{
    private readonly TaskCompletionSource _met = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _missing = subscriptions;

    protected override ITransportSubscription Decorate(ITransportSubscription subscription) => new Subscription(subscription, this);

    private sealed class Subscription(ITransportSubscription inner, MeetingSettlements meeting) : SubscriptionDecorator(inner)
    {
        private bool _hasCome;

        public override async ValueTask SettleAsync(Memory<TransportSettlement> settlements, CancellationToken cancellationToken)
        {
            if (!_hasCome)
            {
                _hasCome = true;
                if (Interlocked.Decrement(ref meeting._missing) == 0)
                {
                    meeting._met.SetResult();
                }
            }

            await meeting._met.Task;
            await base.SettleAsync(settlements, cancellationToken);
        }
    }
}
