using System.Diagnostics;

namespace EventBroker.Client.Bus.Tests;

// Whoever listens to spans listens to those of the whole process, and a message that is traced is larger by its trace: what is published
// here, at the limit, before the listener is there, must not meet that of another test.
[Collection(nameof(DiagnosticsTests))]
public class LargeLetterTests
{
    // What the broker took as a message it takes as a letter, whatever it has no room for.
    [Theory]
    [InlineData(64, 1, 0)]
    [InlineData(61, 1, 0)]
    [InlineData(2, 8150, 0)]
    [InlineData(1, 1, 4_194_100)]
    public async Task A_message_at_a_limit_of_the_broker_becomes_a_letter_with_less_written_on_it(int entries, int entryBytes, int payload)
    {
        await using var fixture = await BusFixture.StartAsync();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "EventBroker.Client",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) =>
                ActivitySamplingResult.AllDataAndRecorded,
        };
        var gate = new TaskCompletionSource();
        await using var subscription = await fixture.Orders.SubscribeAsync(
            (_, context) => gate.Task.WaitAsync(context.CancellationToken), new HandlerOptions { Undecodable = UndecodableAction.DeadLetter });
        await fixture.Orders.PublishAsync(new Order(1));
        var message = new OutgoingMessage
        {
            Id = "m",
            Payload = new byte[payload],
            Metadata = Enumerable.Range(0, entries).ToDictionary(static i => $"key-{i:00}", _ => new string('v', entryBytes)),
        };

        await fixture.Transport.PublishAsync(BusFixture.EventName, message);
        ActivitySource.AddActivityListener(listener);
        gate.SetResult();
        await fixture.Broker.WhenAckedAsync("m");

        await using var letters = await fixture.Transport.SubscribeAsync(
            "order.created.dead-letter", new SubscribeOptions { Start = SubscriptionStart.Beginning });
        var letter = await letters.NextAsync();
        Assert.Equal(payload, letter.Payload.Length);
        Assert.True(message.Metadata.All(entry => letter.Metadata[entry.Key] == entry.Value));
        Assert.Empty(fixture.Log.Errors);
    }
}
