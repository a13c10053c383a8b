using EventBroker.Host.Memory;

namespace EventBroker.FunctionalTests.Host;

// When the broker takes a busy time to be over; in MiB allocated by interval.
public sealed class CalmTests
{
    [Theory]
    [InlineData(new[] { 500, 100, 100 }, 2)]
    [InlineData(new[] { 500, 0, 0 }, 2)]
    [InlineData(new[] { 50, 50, 50, 12, 12 }, 4)]
    [InlineData(new[] { 500, 100, 300, 100, 125 }, 4)]
    public void A_busy_time_is_over_after_two_intervals_of_a_quarter_of_it(int[] intervals, int at) =>
        Assert.Equal([at], CalmAt(intervals));

    [Theory]
    [InlineData(new[] { 500, 500, 500, 400, 500, 450 })]
    [InlineData(new[] { 500, 126, 126, 126, 126 })]
    [InlineData(new[] { 500, 10, 200, 10, 200, 10 })]
    [InlineData(new[] { 60, 10, 10, 10, 10, 10 })]
    [InlineData(new[] { 0, 0, 0, 0 })]
    public void What_goes_on_or_was_hardly_anything_is_not(int[] intervals) => Assert.Empty(CalmAt(intervals));

    [Fact]
    public void Each_busy_time_has_an_end_of_its_own() =>
        Assert.Equal([2, 7], CalmAt([500, 20, 20, 20, 20, 300, 20, 20, 20, 20, 20, 20]));

    private static IEnumerable<int> CalmAt(int[] intervals)
    {
        var calm = new Calm();
        var allocated = 0L;
        return [.. Enumerable.Range(0, intervals.Length).Where(i => calm.HasCome(allocated += intervals[i] * 1024L * 1024))];
    }
}
