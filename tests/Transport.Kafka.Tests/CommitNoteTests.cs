using EventBroker.Transport.Kafka.Messages;

namespace EventBroker.Transport.Kafka.Tests;

// What is kept beside an offset.
public sealed class CommitNoteTests
{
    [Fact]
    public void A_note_comes_back_as_it_was_written()
    {
        var note = new CommitNote { Epoch = 3, Holder = ulong.MaxValue, MaxAge = 0, LatestOnly = true, HandedBelow = 90 };
        note.Settled.AddRange([(12, 50), (51, 80)]);
        note.Counts[10] = 7;
        note.Counts[85] = 0;
        var back = CommitNote.Parse(10, note.Format(10, out var unstored));
        Assert.Equal(0, unstored);
        Assert.Equal((3, ulong.MaxValue, 0, true, 90), (back.Epoch, back.Holder, back.MaxAge, back.LatestOnly, back.HandedBelow));
        Assert.Equal(note.Settled, back.Settled);
        Assert.Equal([7, 1, 0, 0], new long[] { 10, 11, 85, 90 }.Select(back.CountOf));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("another tool's")]
    [InlineData("1%%%")]
    [InlineData("9AAAA")]
    public void What_somebody_else_wrote_says_nothing(string text)
    {
        var note = CommitNote.Parse(10, text);
        Assert.Empty(note.Settled);
        Assert.Null(note.MaxAge);
        Assert.Equal((0, 10, 0), (note.Epoch, note.HandedBelow, note.CountOf(10)));
    }

    /// <summary>One message in a thousand is not settled: what is known of a million fits into what Kafka gives.</summary>
    [Fact]
    public void A_thousandth_unsettled_of_four_hundred_thousand_messages_fits()
    {
        var note = new CommitNote { HandedBelow = 400_000 };
        for (var i = 0; i < 400; i++)
        {
            note.Settled.Add(((i * 1_000) + 1, (i + 1) * 1_000));
            note.Counts[i * 1_000] = 3;
        }

        var text = note.Format(0, out var unstored);
        Assert.InRange(text.Length, 1, 4_096);
        Assert.Equal(0, unstored);
        Assert.Equal(400, CommitNote.Parse(0, text).Settled.Count);
    }

    [Fact]
    public void What_finds_no_room_is_counted_and_the_oldest_is_kept()
    {
        var note = new CommitNote { HandedBelow = 100_000 };
        for (var i = 0; i < 20_000; i++)
        {
            note.Settled.Add(((i * 5) + 1, (i * 5) + 3));
            note.Counts[i * 5] = 9;
        }

        var text = note.Format(0, out var unstored);
        Assert.InRange(text.Length, 1, 4_096);
        var back = CommitNote.Parse(0, text);
        Assert.InRange(back.Settled.Count, 500, 19_999);
        Assert.Equal(40_000 - (back.Settled.Count * 2), unstored);
        Assert.Equal(note.Settled.Take(back.Settled.Count), back.Settled);
        Assert.Equal(9, back.CountOf(0));
    }
}
