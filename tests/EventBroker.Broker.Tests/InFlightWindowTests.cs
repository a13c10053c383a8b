using EventBroker.Broker.Subscribing;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using FsCheck.Xunit;

namespace EventBroker.Broker.Tests;

public class InFlightWindowTests
{
    [Fact]
    public void A_settled_entry_is_gone_and_frees_its_bytes()
    {
        var window = new InFlightWindow(8);
        var sequence = window.Add(DeliveryOf(1), 0);

        Assert.True(window.TryRemove(sequence, out var entry));
        Assert.Equal(1UL, entry.Delivery.Position.Low);
        Assert.False(window.TryRemove(sequence, out _));
        Assert.Equal((0, 0L), (window.Count, window.Bytes));
    }

    [Fact]
    public void An_old_unsettled_entry_does_not_block_the_ring()
    {
        var window = new InFlightWindow(4);
        var stuck = window.Add(DeliveryOf(0), 0);
        for (ulong i = 1; i < 1000; i++)
        {
            Assert.True(window.TryRemove(window.Add(DeliveryOf(i), 0), out _));
        }

        Assert.Equal(1, window.Count);
        Assert.True(window.TryRemove(stuck, out var entry));
        Assert.Equal(0UL, entry.Delivery.Position.Low);
    }

    [Fact]
    public void A_deadline_runs_from_when_the_message_was_sent()
    {
        var window = new InFlightWindow(8);
        window.Add(DeliveryOf(1), 0);
        Assert.Equal(InFlight.NotSent, window.EarliestDeadline());

        Assert.True(window.MarkSent(100));
        window.Add(DeliveryOf(2), 0);

        Assert.Equal(100, window.EarliestDeadline());
        Assert.False(window.TryRemoveExpired(99, out _));
        Assert.True(window.TryRemoveExpired(100, out var expired));
        Assert.Equal(1UL, expired.Delivery.Position.Low);
        Assert.False(window.TryRemoveExpired(long.MaxValue - 1, out _));
    }

    [Fact]
    public void An_extended_entry_outlives_those_behind_it()
    {
        var window = new InFlightWindow(8);
        var first = window.Add(DeliveryOf(1), 0);
        window.Add(DeliveryOf(2), 0);
        window.MarkSent(100);
        Assert.True(window.TryExtend(first, 500));

        Assert.True(window.TryRemoveExpired(100, out var expired));
        Assert.Equal(2UL, expired.Delivery.Position.Low);
        Assert.Equal(500, window.EarliestDeadline());
        Assert.True(window.TryRemove(first, out _));
    }

    [Property(MaxTest = 300)]
    public bool It_holds_what_a_plain_dictionary_would_hold(int seed)
    {
        var random = new Random(seed);
        var window = new InFlightWindow(16);
        var model = new Dictionary<long, ulong>();
        for (ulong i = 0; i < 400; i++)
        {
            switch (random.Next(4))
            {
                case 0 or 1 when model.Count < 16:
                    model.Add(window.Add(DeliveryOf(i), 0), i);
                    break;
                case 2 when model.Count > 0:
                    var sequence = model.Keys.ElementAt(random.Next(model.Count));
                    if (!window.TryRemove(sequence, out var entry) || entry.Delivery.Position.Low != model[sequence])
                    {
                        return false;
                    }

                    model.Remove(sequence);
                    break;
                case 3 when model.Count > 0:
                    window.MarkSent((long)i);
                    if (!window.TryExtend(model.Keys.ElementAt(random.Next(model.Count)), (long)i + random.Next(50)))
                    {
                        return false;
                    }

                    break;
            }
        }

        var left = 0;
        while (window.TryRemoveAny(out var entry))
        {
            left += model.Remove(entry.Sequence, out var value) && value == entry.Delivery.Position.Low ? 1 : 1000;
        }

        return model.Count == 0 && window.Count == 0 && window.Bytes == 0 && left < 1000;
    }

    private static Delivery DeliveryOf(ulong low) => new()
    {
        Position = new Position(0, low),
        Message = new EncodedMessage(new byte[10]),
    };
}
