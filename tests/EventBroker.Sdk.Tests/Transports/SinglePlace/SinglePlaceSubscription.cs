using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;

namespace EventBroker.Sdk.Tests.Transports.SinglePlace;

/// <summary>A subscription of a <see cref="SinglePlaceTransport"/>.</summary>
internal sealed class SinglePlaceSubscription(
    SinglePlaceTransport owner, SinglePlaceReaders readers, SubscribeOptions options, ResumeOutcome resume, ISubscriber subscriber)
    : ITransportSubscription
{
    private readonly Dictionary<Position, Delivery> _held = [];
    private Func<BrokerException>? _end;

    public SinglePlaceTransport Owner => owner;

    public string ConsumerId => options.ConsumerId;

    // Whether it has room and waits for more.
    public bool IsWaiting { get; private set; }

    public ResumeOutcome Resume => resume;

    public bool TracksSettlement => readers.IsRemembered;

    public int UnsettledSpan
    {
        get
        {
            lock (owner.Storage.Gate)
            {
                return readers.UnsettledSpan;
            }
        }
    }

    public int Read(Span<Delivery> destination, int maxBytes)
    {
        lock (owner.Storage.Gate)
        {
            if (_end is not null)
            {
                throw _end();
            }

            IsWaiting = false;
            var count = 0;
            while (count < destination.Length && maxBytes > 0 && owner.Link.Try() && readers.TryTake(this, out var next))
            {
                destination[count++] = next;
                maxBytes -= next.Message.Length;
                if (TracksSettlement)
                {
                    _held[next.Position] = next;
                }
            }

            return count;
        }
    }

    public void Demand(int count)
    {
        lock (owner.Storage.Gate)
        {
            IsWaiting = _end is null;
            readers.Signal();
        }
    }

    public async ValueTask SettleAsync(Memory<TransportSettlement> settlements, CancellationToken cancellationToken)
    {
        await owner.Settled.WaitAsync(cancellationToken);
        if (owner.SettleFailure is not null)
        {
            throw owner.SettleFailure;
        }

        lock (owner.Storage.Gate)
        {
            foreach (ref var settlement in settlements.Span)
            {
                Settle(ref settlement);
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        lock (owner.Storage.Gate)
        {
            if (_end is null)
            {
                readers.Leave(this, static () => BrokerErrors.SubscriptionEnded("it was disposed"));
            }
        }

        return default;
    }

    public void Signal() => subscriber.Ready();

    public void TellLost(HashSet<Position> lost) => subscriber.LeasesLost(d => lost.Contains(d.Position));

    public void End(Func<BrokerException> why)
    {
        _end = why;
        IsWaiting = false;
        subscriber.Ready();
    }

    public IReadOnlyCollection<Delivery> DropHeld(Predicate<Delivery> which)
    {
        var dropped = _held.Values.Where(d => which(d)).ToList();
        dropped.ForEach(d => _held.Remove(d.Position));
        return dropped;
    }

    private void Settle(ref TransportSettlement settlement)
    {
        if (settlement.Action == SettlementAction.Release)
        {
            throw new InvalidOperationException("a release, although redelivery is not declared");
        }

        if (!owner.Link.Try() || owner.FailsToSettle?.Invoke(settlement) == true)
        {
            settlement.Outcome = SettlementOutcome.Failed;
            settlement.Failure = new BrokerException(BrokerErrorCode.Unavailable, "the backend does not take it");
        }
        else if (_held.Remove(settlement.Delivery.Position))
        {
            readers.Complete(settlement.Delivery.Position);
            settlement.Outcome = SettlementOutcome.Done;
        }
        else
        {
            settlement.Outcome = SettlementOutcome.LeaseLost;
        }
    }
}
