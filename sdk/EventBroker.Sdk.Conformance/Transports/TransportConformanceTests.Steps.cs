using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

// What the tests have in common.
public abstract partial class TransportConformanceTests<TFixture>
{
    private int _messages;
    private string _skipReason = "";

    /// <summary>Skips the test, with a reason that the report shows.</summary>
    /// <param name="condition">Whether to skip it.</param>
    /// <param name="reason">Why.</param>
    protected void SkipWhen([DoesNotReturnIf(true)] bool condition, string reason)
    {
        _skipReason = reason;
        Assert.SkipWhen(condition, reason);
    }

    /// <summary>Skips the test, with a reason that the report shows.</summary>
    /// <param name="condition">Whether not to skip it.</param>
    /// <param name="reason">Why.</param>
    protected void SkipUnless([DoesNotReturnIf(false)] bool condition, string reason) => SkipWhen(!condition, reason);

    /// <summary>Skips the test where so much time can't be made to pass.</summary>
    /// <param name="time">How much.</param>
    protected void NeedsToPass(TimeSpan time) => SkipWhen(
        time > Fixture.LongestPassableTime, $"the fixture makes no more than {Fixture.LongestPassableTime} pass");

    /// <summary>Makes a message with a text as payload, and an id that no other has.</summary>
    /// <param name="text">The text.</param>
    /// <param name="id">Another id.</param>
    /// <returns>The message.</returns>
    protected EncodedMessage Message(string text, string? id = null) => MessageEncoder.Encode(
        id ?? $"id-{text}-{Interlocked.Increment(ref _messages)}",
        "conformance",
        Encoding.UTF8.GetBytes(text),
        null,
        MessageTimestamp.From(Fixture.Clock.GetUtcNow()));

    /// <summary>Publishes texts to <see cref="Event"/>, one by one.</summary>
    /// <param name="texts">The texts.</param>
    /// <returns>A task that ends when all are published.</returns>
    protected async Task PublishAsync(params IEnumerable<string> texts)
    {
        foreach (var text in texts)
        {
            await PublishAsync(new TransportMessage(Message(text)));
        }
    }

    /// <summary>Publishes a message to <see cref="Event"/>.</summary>
    /// <param name="message">The message.</param>
    /// <returns>The transport's answer.</returns>
    protected Task<PublishReceipt> PublishAsync(TransportMessage message) =>
        Transport.PublishAsync(Event, message, CancellationToken.None).AsTask();

    /// <summary>Publishes messages to <see cref="Event"/> in one call.</summary>
    /// <param name="messages">The messages.</param>
    /// <returns>The batch, with what became of each.</returns>
    protected async Task<PublishBatch> PublishBatchAsync(params IEnumerable<TransportMessage> messages)
    {
        var batch = new PublishBatch();
        foreach (var message in messages)
        {
            batch.Add(message);
        }

        await Transport.PublishAsync(Event, batch, CancellationToken.None);
        return batch;
    }

    /// <summary>Publishes texts to <see cref="Event"/> in one call, all of which must be taken.</summary>
    /// <param name="texts">The payloads.</param>
    /// <returns>A task.</returns>
    protected async Task PublishBatchAsync(params IEnumerable<string> texts)
    {
        var batch = await PublishBatchAsync(texts.Select(t => new TransportMessage(Message(t))));
        Assert.All(Enumerable.Range(0, batch.Count), i => Assert.Null(batch.GetFailure(i)));
    }

    /// <summary>Publishes while nobody is subscribed, which a transport that keeps nothing may refuse.</summary>
    /// <param name="texts">The payloads.</param>
    /// <returns>A task.</returns>
    protected async Task PublishToNobodyAsync(params IEnumerable<string> texts)
    {
        try
        {
            await PublishAsync(texts);
        }
        catch (BrokerException refusal) when (refusal.Code == BrokerErrorCode.FailedPrecondition)
        {
            Assert.False(Transport.Capabilities.Has(TransportCapability.ReplayFromBeginning));
        }
    }

    /// <summary>Proves that nothing waits for a subscriber: the next that it gets is what is published now.</summary>
    /// <param name="subscriber">The subscriber, alone at its place.</param>
    /// <returns>A task.</returns>
    protected async Task GetsNothingButTheNextAsync(TestSubscriber subscriber)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        await PublishAsync("the next");
        Assert.Equal("the next", await subscriber.CompleteNextAsync());
    }

    /// <summary>Proves that a call fails with a code.</summary>
    /// <param name="code">The code.</param>
    /// <param name="call">The call.</param>
    /// <returns>The failure.</returns>
    protected static async Task<BrokerException> FailsAsync(BrokerErrorCode code, Func<Task> call)
    {
        var failure = await Assert.ThrowsAsync<BrokerException>(call);
        Assert.Equal(code, failure.Code);
        Assert.NotEmpty(failure.Message);
        return failure;
    }

    private static SubscribeOptions Workers(string group = "") => new() { Mode = DeliveryMode.WorkerPool, WorkerGroup = group };

    private static SubscribeOptions Consumer(string id = "c-1") => new() { ConsumerId = id };

    private static SubscribeOptions From(DateTimeOffset time) => new() { Start = StartPosition.Timestamp, StartTime = time };

    private static IEnumerable<string> Numbers(int from, int count) =>
        Enumerable.Range(from, count).Select(static n => n.ToString(CultureInfo.InvariantCulture));

    // Where a transport keeps no order, only what came counts.
    private IEnumerable<string> InOrder(IEnumerable<string> texts) =>
        Transport.Capabilities.Has(TransportCapability.Ordering)
            ? texts
            : texts.OrderBy(static t => int.Parse(t, CultureInfo.InvariantCulture));
}
