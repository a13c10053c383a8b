using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;

namespace EventBroker.FunctionalTests.Transports;

// A transport whose cursors have a given length, as those of one with many partitions do.
internal sealed class LongCursors(ITransport inner, int length) : TransportDecorator(inner)
{
    private const char Padding = '~';

    // Without what is declared of cursors: they may have the full length.
    public override TransportCapabilities Capabilities { get; } = new(inner.Capabilities.Guarantee, inner.Capabilities.Declared);

    protected override SubscribeOptions Change(SubscribeOptions options) => options.ResumeAfter is null
        ? options
        : new SubscribeOptions { ResumeAfter = options.ResumeAfter.TrimEnd(Padding), MaxInFlight = options.MaxInFlight };

    protected override ITransportSubscription Decorate(ITransportSubscription subscription) => new Subscription(subscription, length);

    private sealed class Subscription(ITransportSubscription inner, int length) : SubscriptionDecorator(inner)
    {
        public override string? StartCursor => base.StartCursor?.PadRight(length, Padding);

        public override int Read(Span<Delivery> destination, int maxBytes)
        {
            var count = base.Read(destination, maxBytes);
            foreach (ref var delivery in destination[..count])
            {
                delivery = delivery with { Cursor = new ResumeCursor(Text(delivery.Position).PadRight(length, Padding)) };
            }

            return count;
        }

        private static string Text(Position position)
        {
            Span<byte> text = stackalloc byte[Position.MaxTextLength];
            Assert.True(position.TryFormat(text, out var written));
            return System.Text.Encoding.ASCII.GetString(text[..written]);
        }
    }
}
