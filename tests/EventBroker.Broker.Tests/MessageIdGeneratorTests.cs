using System.Text;
using EventBroker.Broker.Publishing;

namespace EventBroker.Broker.Tests;

public class MessageIdGeneratorTests
{
    [Fact]
    public void Ids_ascend_also_when_the_clock_steps_back()
    {
        var ids = new MessageIdGenerator();
        var now = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        var made = new List<string>();
        for (var i = 0; i < 1000; i++)
        {
            made.Add(Next(ids, now.AddMilliseconds(i % 2 == 0 ? i : -3_600_000)));
        }

        Assert.Equal(made.Order(StringComparer.Ordinal), made);
        Assert.Equal(made.Count, made.Distinct(StringComparer.Ordinal).Count());
        Assert.All(made, id => Assert.Equal(MessageIdGenerator.Length, id.Length));
    }

    [Fact]
    public async Task Ids_made_at_the_same_time_by_many_differ()
    {
        var ids = new MessageIdGenerator();
        var now = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        var tasks = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
            Enumerable.Range(0, 50_000).Select(_ => Next(ids, now)).ToList()));
        var made = (await Task.WhenAll(tasks)).SelectMany(static l => l).ToList();

        Assert.Equal(made.Count, made.Distinct(StringComparer.Ordinal).Count());
    }

    private static string Next(MessageIdGenerator ids, DateTimeOffset now)
    {
        Span<byte> id = stackalloc byte[MessageIdGenerator.Length];
        ids.Next(now, id);
        return Encoding.ASCII.GetString(id);
    }
}
