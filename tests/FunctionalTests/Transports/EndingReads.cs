using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;

namespace EventBroker.FunctionalTests.Transports;

// A transport whose first subscription ends as soon as the broker asks for more than so many messages, so in the middle of a chunk.
internal sealed class EndingReads(ITransport inner, int count) : TransportDecorator(inner)
{
    private int _opened;

    protected override ITransportSubscription Decorate(ITransportSubscription subscription) =>
        Interlocked.Increment(ref _opened) == 1 ? new Ending(subscription, count) : subscription;

    private sealed class Ending(ITransportSubscription inner, int left) : SubscriptionDecorator(inner)
    {
        private int _left = left;

        public override int Read(Span<Delivery> destination, int maxBytes)
        {
            if (_left == 0)
            {
                throw new BrokerException(BrokerErrorCode.Unavailable, "the backend is gone");
            }

            var read = base.Read(destination[..Math.Min(destination.Length, _left)], maxBytes);
            _left -= read;
            return read;
        }
    }
}
