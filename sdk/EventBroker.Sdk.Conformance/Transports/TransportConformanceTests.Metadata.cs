using System.Text;
using EventBroker.Sdk.Conformance.Discovery;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

// Metadata that breaks other systems: it comes back byte for byte, or the publisher is told which key can't be carried.
public abstract partial class TransportConformanceTests<TFixture>
{
    [TransportTheory]
    [MemberData(nameof(DifficultInputs.Keys), MemberType = typeof(DifficultInputs))]
    public Task A_difficult_key_comes_back_as_it_was_or_is_refused_by_name(string keys) => ProveCarriedAsync(
        [.. keys.Split('\v').Select(static (k, i) => KeyValuePair.Create(k, i == 0 ? "1" : "value " + i))]);

    [TransportTheory]
    [MemberData(nameof(DifficultInputs.Values), MemberType = typeof(DifficultInputs))]
    public Task A_difficult_value_comes_back_as_it_was_or_is_refused_by_its_key(string value) =>
        ProveCarriedAsync([KeyValuePair.Create("some-key", value)]);

    [TransportFact]
    public Task Many_keys_and_large_values_come_back_as_they_were() => ProveCarriedAsync(
        [.. Enumerable.Range(0, 60).Select(static i => KeyValuePair.Create("key-" + i, new string((char)('a' + (i % 26)), i * 10)))]);

    private async Task ProveCarriedAsync(IReadOnlyList<KeyValuePair<string, string>> metadata)
    {
        var subscriber = await SubscribeAsync();
        await PublishAsync("before");

        // Twice with the same, which some systems take for a repetition, and by both ways to publish.
        var refusals = new List<BrokerException?>();
        try
        {
            await PublishAsync(new TransportMessage(With("0")));
            refusals.Add(null);
        }
        catch (BrokerException refusal)
        {
            refusals.Add(refusal);
        }

        var batch = await PublishBatchAsync(new TransportMessage(With("1")), new TransportMessage(Message("after")));
        refusals.Add(batch.GetFailure(0));
        Assert.Null(batch.GetFailure(1));

        var expected = Numbers(0, 2).Where((_, i) => refusals[i] is null).ToList();
        var taken = await subscriber.TakeAsync(expected.Count + 2);
        Assert.Equal([.. expected, "after", "before"], taken.Select(TestSubscriber.Text).Order());
        foreach (var delivery in taken.Where(d => expected.Contains(TestSubscriber.Text(d))))
        {
            Assert.Equal(
                metadata.OrderBy(static m => m.Key, StringComparer.Ordinal),
                delivery.Message.GetMetadata().OrderBy(static m => m.Key, StringComparer.Ordinal));
            Assert.Equal("conformance", delivery.Message.GetSource());
        }

        foreach (var refusal in refusals.OfType<BrokerException>())
        {
            Assert.Equal(BrokerErrorCode.InvalidArgument, refusal.Code);
            Assert.Contains(metadata, m => Names(refusal.Message, m.Key));
        }

        EncodedMessage With(string text) => MessageEncoder.Encode(
            "metadata-" + text, "conformance", Encoding.UTF8.GetBytes(text), metadata, MessageTimestamp.From(Fixture.Clock.GetUtcNow()));
    }

    // What can't be shown as it is may be escaped: then the letters and digits in it are looked for.
    private static bool Names(string message, string key) => key
        .Split([.. key.Where(static c => !char.IsAsciiLetterOrDigit(c)).Distinct()], StringSplitOptions.RemoveEmptyEntries)
        .All(part => message.Contains(part, StringComparison.Ordinal));
}
