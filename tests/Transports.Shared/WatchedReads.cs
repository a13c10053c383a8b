using System.Collections.Concurrent;
using EventBroker.Sdk.Transports;

namespace EventBroker.Tests.Transports;

// A transport that tells when the broker has handed over everything that it has read: what a client has got may still count as unsent, and a
// clock that is moved then moves past nothing, or cuts the stream.
internal sealed class WatchedReads(ITransport inner) : TransportDecorator(inner)
{
    private readonly ConcurrentBag<Subscription> _open = [];

    // Of no use for a subscription whose window is full, since that asks for nothing more.
    public async Task HandedOverAsync()
    {
        foreach (var subscription in _open)
        {
            await subscription.HandedOver;
        }
    }

    protected override ITransportSubscription Decorate(ITransportSubscription subscription)
    {
        var watched = new Subscription(subscription);
        _open.Add(watched);
        return watched;
    }

    // The broker demands more only after it has handed over what it has read.
    private sealed class Subscription(ITransportSubscription inner) : SubscriptionDecorator(inner)
    {
        private readonly Lock _gate = new();

        // Under way from the start: a stream that its client takes for open may not have asked for anything yet.
        private TaskCompletionSource? _handedOver = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task HandedOver
        {
            get
            {
                lock (_gate)
                {
                    return _handedOver?.Task ?? Task.CompletedTask;
                }
            }
        }

        public override int Read(Span<Delivery> destination, int maxBytes)
        {
            lock (_gate)
            {
                _handedOver ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            return base.Read(destination, maxBytes);
        }

        public override void Demand(int count)
        {
            base.Demand(count);
            Finish();
        }

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            Finish();
        }

        private void Finish()
        {
            lock (_gate)
            {
                _handedOver?.TrySetResult();
                _handedOver = null;
            }
        }
    }
}
