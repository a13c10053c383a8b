using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;

namespace Acme.Files;

/// <summary>A reader of an event's file, with a place of its own in it.</summary>
internal sealed class FileSubscription(EventFile file, ISubscriber subscriber, long at) : ITransportSubscription
{
    private bool _waits;
    private bool _isDisposed;

    public ResumeOutcome Resume => ResumeOutcome.NotAsked;

    public bool TracksSettlement => false;

    public int Read(Span<Delivery> destination, int maxBytes)
    {
        if (_isDisposed)
        {
            throw BrokerErrors.SubscriptionEnded("it was disposed");
        }

        file.ThrowIfOver();
        var count = 0;
        while (count < destination.Length && maxBytes > 0 && file.TryRead(ref at, out destination[count]))
        {
            maxBytes -= destination[count++].Message.Length;
        }

        return count;
    }

    // Under the file's lock, so that nothing is appended between looking and waiting.
    public void Demand(int count) => file.Look((end, isOver) =>
    {
        _waits = true;
        if (isOver || at < end)
        {
            SignalIfWaiting();
        }
    });

    // Called under the file's lock.
    public void SignalIfWaiting()
    {
        if (_waits)
        {
            _waits = false;
            subscriber.Ready();
        }
    }

    public void Signal() => subscriber.Ready();

    // Every subscription has its own place: nothing is held, and the broker does not ask.
    public ValueTask SettleAsync(Memory<TransportSettlement> settlements, CancellationToken cancellationToken)
    {
        foreach (ref var settlement in settlements.Span)
        {
            settlement.Outcome = SettlementOutcome.LeaseLost;
        }

        return default;
    }

    public ValueTask DisposeAsync()
    {
        _isDisposed = true;
        file.Leave(this);
        return default;
    }
}
