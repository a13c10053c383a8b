using EventBroker.Sdk.Timing;
using FsCheck.Xunit;

namespace EventBroker.Sdk.Tests.Timing;

public sealed class DueQueueTests
{
    // Against the plainest model there is: two lists.
    [Property(MaxTest = 300)]
    public void It_agrees_with_a_plain_model((byte What, byte Time)[] steps)
    {
        var queue = new DueQueue<int>();
        var waiting = new List<(long Due, int Item)>();
        var due = new List<int>();
        long now = 0;
        var item = 0;
        foreach (var (what, time) in steps)
        {
            switch (what % 7)
            {
                case 0 or 1:
                    queue.Add(item, now + time);
                    waiting.Add((now + time, item++));
                    break;
                case 2:
                    queue.AddDue(item);
                    due.Add(item++);
                    break;
                case 3:
                    now += time;
                    var moved = waiting.Where(w => w.Due <= now).OrderBy(static w => w.Due).ThenBy(static w => w.Item).ToList();
                    due.AddRange(moved.Select(static m => m.Item));
                    waiting.RemoveAll(w => w.Due <= now);
                    Assert.Equal(moved.Count, queue.Promote(now));
                    break;
                case 4:
                    Assert.Equal(due.Count > 0, queue.TryPeekDue(out var peeked));
                    Assert.Equal(due.Count > 0, queue.TryTakeDue(out var taken));
                    Assert.Equal(due.FirstOrDefault(), taken);
                    Assert.Equal(taken, peeked);
                    due = [.. due.Skip(1)];
                    break;
                case 5:
                    bool Fits(int i) => i % 3 == time % 3;
                    Assert.Equal(due.Count(Fits) + waiting.Count(w => Fits(w.Item)), queue.RemoveAll(Fits));
                    due.RemoveAll(Fits);
                    waiting.RemoveAll(w => Fits(w.Item));
                    break;
                default:
                    var expected = due.Count > 0 ? due[0] : waiting.OrderBy(static w => w.Due).ThenBy(static w => w.Item).FirstOrDefault().Item;
                    if (queue.TryTakeAny(out var any, out _))
                    {
                        Assert.Equal(expected, any);
                        due.Remove(any);
                        waiting.RemoveAll(w => w.Item == any);
                    }

                    break;
            }

            Assert.Equal(waiting.Count + due.Count, queue.Count);
            Assert.Equal(due.Count, queue.DueCount);
            Assert.Equal(waiting.Count == 0 ? long.MaxValue : waiting.Min(static w => w.Due), queue.NextDue);
            Assert.Equal(due.Concat(waiting.Select(static w => w.Item)).Order(), queue.Enumerate().Order());
        }
    }

    [Fact]
    public void What_is_taken_whether_due_or_not_tells_when_it_is_due()
    {
        var queue = new DueQueue<string>();
        queue.Add("later", 7);
        queue.AddDue("now");
        Assert.True(queue.TryTakeAny(out var first, out var due));
        Assert.Equal(("now", long.MinValue), (first, due));
        Assert.True(queue.TryTakeAny(out var second, out due));
        Assert.Equal(("later", 7L), (second, due));
        Assert.False(queue.TryTakeAny(out _, out _));
    }

    [Fact]
    public void A_cleared_queue_is_empty()
    {
        var queue = new DueQueue<string>();
        queue.Add("later", 7);
        queue.AddDue("now");
        queue.Clear();
        Assert.Equal(0, queue.Count);
        Assert.Equal(0, queue.Promote(100));
    }
}
