using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;

namespace EventBroker.Sdk.Tests.Transports.Bare;

/// <summary>A subscription of a <see cref="BareTransport"/>: the reader of a queue, alone or as one of a worker group.</summary>
internal sealed class BareSubscription(
    BareTransport owner, BareEvent place, BareQueue queue, SubscribeOptions options, ResumeOutcome resume, ISubscriber subscriber)
    : ITransportSubscription
{
    private readonly Dictionary<Position, Delivery> _held = [];
    private Func<BrokerException>? _end;

    public string ConsumerId => options.ConsumerId;

    // Whether it has room and waits for more.
    public bool IsWaiting { get; private set; }

    public ResumeOutcome Resume => resume;

    public bool TracksSettlement => queue.Group is not null;

    public int Read(Span<Delivery> destination, int maxBytes)
    {
        lock (owner.Gate)
        {
            if (_end is not null)
            {
                throw _end();
            }

            var count = 0;
            while (count < destination.Length && maxBytes > 0 && queue.TryTake(this, out var next))
            {
                destination[count++] = next;
                maxBytes -= next.Message.Length;
                if (TracksSettlement)
                {
                    _held[next.Position] = next;
                }
            }

            // The others may take now what they had left to this one.
            IsWaiting = false;
            queue.Signal();
            return count;
        }
    }

    public void Demand(int count)
    {
        lock (owner.Gate)
        {
            IsWaiting = _end is null;
            queue.Signal();
        }
    }

    public async ValueTask SettleAsync(Memory<TransportSettlement> settlements, CancellationToken cancellationToken)
    {
        await owner.Settled.WaitAsync(cancellationToken);
        if (owner.SettleFailure is not null)
        {
            throw owner.SettleFailure;
        }

        lock (owner.Gate)
        {
            foreach (ref var settlement in settlements.Span)
            {
                Settle(ref settlement);
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        lock (owner.Gate)
        {
            if (_end is null)
            {
                place.Remove(this, queue);
                End(static () => BrokerErrors.SubscriptionEnded("it was disposed"));
            }
        }

        return default;
    }

    public void Signal() => subscriber.Ready();

    public void End(Func<BrokerException> why)
    {
        _end = why;
        _held.Clear();
        IsWaiting = false;
        subscriber.Ready();
    }

    public IReadOnlyList<Delivery> DropHeld()
    {
        List<Delivery> dropped = [.. _held.Values];
        _held.Clear();
        return dropped;
    }

    private void Settle(ref TransportSettlement settlement)
    {
        if (!_held.Remove(settlement.Delivery.Position, out var held))
        {
            settlement.Outcome = SettlementOutcome.LeaseLost;
            return;
        }

        if (settlement.Action == SettlementAction.Release)
        {
            Assert.True(owner.Capabilities.Has(TransportCapability.Redelivery));
            Assert.Equal(TimeSpan.Zero, settlement.Delay);
            queue.Add(
                held with { RetryCount = settlement.Attempts },
                settlement.Reason == SettlementReason.DeadlinePassed ? this : null);
        }

        settlement.Outcome = SettlementOutcome.Done;
    }
}
