using EventBroker.Broker.Delivering;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using FsCheck.Xunit;

namespace EventBroker.Broker.Tests;

public class InFlightTableTests
{
    [Fact]
    public void A_settled_entry_is_gone_frees_its_bytes_and_its_number_is_never_used_again()
    {
        var table = new InFlightTable(8);
        var seen = new HashSet<long>();
        for (ulong i = 0; i < 1000; i++)
        {
            var sequence = table.Add(DeliveryOf(i), 0);
            Assert.True(seen.Add(sequence));
            Assert.True(table.TryFind(sequence, out var index));
            Assert.Equal(i, table[index].Delivery.Position.Low);
            table.Remove(index);
            Assert.False(table.TryFind(sequence, out _));
            Assert.True(table.WasIssued(sequence));
        }

        Assert.Equal((0, 0L), (table.Count, table.Bytes));
        Assert.False(table.WasIssued(seen.Max() + 8));
        Assert.False(table.WasIssued(3));
    }

    [Fact]
    public void A_stuck_entry_takes_one_slot_and_no_more()
    {
        var table = new InFlightTable(4);
        var stuck = table.Add(DeliveryOf(0), 0);
        for (ulong i = 1; i < 1000; i++)
        {
            Assert.True(table.TryFind(table.Add(DeliveryOf(i), 0), out var index));
            table.Remove(index);
        }

        Assert.Equal(1, table.Count);
        Assert.True(table.TryFind(stuck, out var found));
        Assert.Equal(0UL, table[found].Delivery.Position.Low);
    }

    [Fact]
    public void A_deadline_runs_from_when_the_message_was_sent_and_not_below_what_an_extension_has_promised()
    {
        var table = new InFlightTable(8);
        var plain = table.Add(DeliveryOf(1), 0);
        var extended = table.Add(DeliveryOf(2), 0);
        Assert.True(table.TryFind(extended, out var index));
        table.Extend(index, 500);
        Assert.Equal(long.MaxValue, table.EarliestDeadline);

        table.MarkSent(100);

        Assert.Equal(100, table.EarliestDeadline);
        Assert.True(table.TryRemoveExpired(100, out var first));
        Assert.Equal((plain, 1), (first.Sequence, first.Attempts));
        Assert.False(table.TryRemoveExpired(499, out _));
        Assert.True(table.TryRemoveExpired(500, out var second));
        Assert.Equal(extended, second.Sequence);
    }

    /// <summary>Whatever is done in whatever order, the table says of each delivery what a plain dictionary says.</summary>
    /// <param name="steps">What is done: a kind and a number.</param>
    [Property(MaxTest = 300, EndSize = 400)]
    public void The_table_is_a_dictionary_with_deadlines((byte Kind, ushort Number)[] steps)
    {
        var table = new InFlightTable(64);
        var model = new Dictionary<long, (bool IsSent, long Due, long Promised)>();
        long now = 0;
        foreach (var (kind, number) in steps)
        {
            var keys = model.Keys.Order().ToList();
            var key = keys.Count == 0 ? 0 : keys[number % keys.Count];
            now += number % 7;
            switch (kind % 7)
            {
                case 0 or 1 when model.Count < 64:
                    model.Add(table.Add(DeliveryOf(number), 0), (false, long.MaxValue, 0));
                    break;
                case 2:
                    // Not always later than before: a shorter timeout is a clock of another mind.
                    var deadline = now + (number % 50);
                    table.MarkSent(deadline);
                    foreach (var taken in keys.Where(k => !model[k].IsSent))
                    {
                        model[taken] = (true, Math.Max(deadline, model[taken].Promised), 0);
                    }

                    break;
                case 3 when keys.Count > 0:
                    Assert.True(table.TryFind(key, out var removed));
                    table.Remove(removed);
                    model.Remove(key);
                    break;
                case 4 when keys.Count > 0:
                    Assert.True(table.TryFind(key, out var extended));
                    var until = now + (number % 300);
                    table.Extend(extended, until);
                    var before = model[key];
                    model[key] = before.IsSent ? (true, until, 0) : (false, long.MaxValue, Math.Max(before.Promised, until));
                    break;
                case 5:
                    while (table.TryRemoveExpired(now, out var expired))
                    {
                        Assert.Equal(model.Values.Min(static v => v.Due), model[expired.Sequence].Due);
                        Assert.True(model.Remove(expired.Sequence, out var due) && due.Due <= now);
                    }

                    Assert.DoesNotContain(model.Values, v => v.Due <= now);
                    break;
                case 6 when keys.Count > 0 && model[key].IsSent:
                    // The transport is asked and fails.
                    Assert.True(table.TryFind(key, out var settling));
                    table.BeginSettling(settling);
                    table.EndSettling(settling, now + (number % 90));
                    model[key] = (true, now + (number % 90), 0);
                    break;
                default:
                    break;
            }

            Assert.Equal(model.Count, table.Count);
            Assert.Equal(model.Values.Select(static v => v.Due).Append(long.MaxValue).Min(), table.EarliestDeadline);
        }
    }

    private static Delivery DeliveryOf(ulong number) => new()
    {
        Message = new EncodedMessage(new byte[10]),
        Position = new Position(0, number),
    };
}
