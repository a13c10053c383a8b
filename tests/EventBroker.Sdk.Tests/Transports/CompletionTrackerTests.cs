using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using FsCheck.Xunit;

namespace EventBroker.Sdk.Tests.Transports;

public sealed class CompletionTrackerTests
{
    [Fact]
    public void Nothing_is_completed_before_the_first_one_is()
    {
        var tracker = new CompletionTracker();
        Assert.Null(tracker.CompletedThrough);
        tracker.Add(At(5));
        tracker.Add(At(7));
        Assert.False(tracker.Complete(At(7)));
        Assert.Null(tracker.CompletedThrough);
        Assert.Equal(2, tracker.Count);
        Assert.True(tracker.Complete(At(5)));
        Assert.Equal(At(7), tracker.CompletedThrough);
        Assert.Equal(0, tracker.Count);
    }

    [Fact]
    public void What_was_not_read_or_is_completed_already_changes_nothing()
    {
        var tracker = new CompletionTracker();
        Assert.False(tracker.Complete(At(1)));
        tracker.Add(At(2));
        Assert.False(tracker.Complete(At(1)));
        Assert.False(tracker.Complete(At(3)));
        Assert.True(tracker.Complete(At(2)));
        Assert.False(tracker.Complete(At(2)));
        Assert.Equal(At(2), tracker.CompletedThrough);
    }

    // Against the plainest model there is: a list and a set.
    [Property(MaxTest = 300)]
    public void It_agrees_with_a_plain_model((bool Read, byte Which)[] steps)
    {
        var tracker = new CompletionTracker();
        var read = new List<ulong>();
        var completed = new HashSet<ulong>();
        ulong next = 0;
        foreach (var (isRead, which) in steps)
        {
            if (isRead)
            {
                for (var i = 0; i <= which % 40; i++)
                {
                    next += 1UL + (which % 3U);
                    read.Add(next);
                    tracker.Add(At(next));
                }
            }
            else
            {
                var before = tracker.CompletedThrough;
                var position = read.Count == 0 ? which : read[which * read.Count / 256];
                var moved = tracker.Complete(At(position));
                if (read.Contains(position))
                {
                    completed.Add(position);
                }

                Assert.Equal(moved, tracker.CompletedThrough != before);
            }

            var prefix = read.TakeWhile(completed.Contains).ToList();
            Assert.Equal(prefix.Count == 0 ? null : At(prefix[^1]), tracker.CompletedThrough);
            Assert.Equal(read.Count - prefix.Count, tracker.Count);
        }
    }

    [Fact]
    public void Reading_and_completing_in_steady_state_allocates_nothing()
    {
        var tracker = new CompletionTracker();
        Run(tracker, 1_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(tracker, 10_000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        static void Run(CompletionTracker tracker, int count)
        {
            var from = (tracker.CompletedThrough?.Low ?? 0) + 1;
            for (var i = 0; i < count; i++)
            {
                tracker.Add(At(from + (ulong)i));
                tracker.Complete(At(from + (ulong)i));
            }
        }
    }

    private static Position At(ulong low) => new(1, low);
}
