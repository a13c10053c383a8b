using EventBroker.Client;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Remote.Messages;
using ClientDelivery = EventBroker.Client.Delivery;
using SdkDelivery = EventBroker.Sdk.Transports.Delivery;

namespace EventBroker.Transport.Remote.Subscriptions;

// What becomes of deliveries. Every call waits for the answers to its own entries and for nobody else's.
internal sealed partial class RemoteSubscription
{
    public async ValueTask SettleAsync(Memory<TransportSettlement> settlements, CancellationToken cancellationToken)
    {
        // All are sent before the first is waited for: they share the client's calls.
        var answers = new Task<SettleResult>?[settlements.Length];
        for (var i = 0; i < answers.Length; i++)
        {
            ref var settlement = ref settlements.Span[i];
            if (!IsDecided(ref settlement))
            {
                answers[i] = Held(settlement.Delivery).SendAsync(settlement);
            }
        }

        for (var i = 0; i < answers.Length; i++)
        {
            if (answers[i] is { } answer)
            {
                var settlement = settlements.Span[i];
                settlement = await Held(settlement.Delivery).JudgeAsync(settlement, answer, cancellationToken);
                settlements.Span[i] = settlement;
            }
        }
    }

    // The deadline that counts is this broker's; the one behind gets to know in time that its own does not.
    public async ValueTask RenewAsync(ReadOnlyMemory<SdkDelivery> held, CancellationToken cancellationToken)
    {
        var deliveries = new List<HeldDelivery>(held.Length);
        foreach (var delivery in held.Span)
        {
            if (Held(delivery) is { IsOver: false } one)
            {
                deliveries.Add(one);
            }
        }

        var answers = deliveries.ConvertAll(one => one.Delivery.ExtendAsync(_lease, CancellationToken.None));
        EventBrokerException? failure = null;
        var isAnyLost = false;
        for (var i = 0; i < answers.Count; i++)
        {
            try
            {
                if (await answers[i].WaitAsync(cancellationToken) is SettleResult.Expired or SettleResult.Unknown)
                {
                    deliveries[i].Lose();
                    isAnyLost = true;
                }
            }
            catch (EventBrokerException exception)
            {
                failure ??= exception;
            }
        }

        if (isAnyLost)
        {
            TellLost();
        }

        if (failure is not null)
        {
            throw RemoteErrors.Translate(failure);
        }
    }

    private static HeldDelivery Held(in SdkDelivery delivery) => (HeldDelivery)delivery.Handle!;

    // Whether the outcome is known without asking.
    private bool IsDecided(ref TransportSettlement settlement)
    {
        var held = Held(settlement.Delivery);
        if (held.IsOver || Volatile.Read(ref _isDisposed) != 0)
        {
            settlement.Outcome = SettlementOutcome.LeaseLost;
            return true;
        }

        if (!IsGivenBackByClosing(settlement))
        {
            return false;
        }

        held.Return();
        settlement.Outcome = SettlementOutcome.Done;
        GiveBack(held.Delivery);
        return true;
    }

    // The subscription is about to be closed, and the stream behind with it: then the broker behind gives out again what it sent over it,
    // with a retry count one higher. A nack besides would bring the message once more to the stream that ends, and raise the count twice.
    private static bool IsGivenBackByClosing(in TransportSettlement settlement) =>
        settlement.Reason is SettlementReason.Disconnected or SettlementReason.NeverSent
        && settlement is { Action: SettlementAction.Release, Delay.Ticks: 0 };

    private void TellLost() => _subscriber.LeasesLost(static delivery => Held(delivery).IsLost);

    // Should the subscription go on all the same, it delivers the message itself.
    private void GiveBack(ClientDelivery delivery)
    {
        _returned.Enqueue(delivery);
        WakeUp();
    }
}
