using EventBroker.Sdk.Conformance.Discovery;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

public abstract partial class TransportConformanceTests<TFixture>
{
    private static readonly EventOptions SomeOptions = new()
    {
        Retention = TimeSpan.FromHours(2),
        MaxBytes = 1_000_000,
        MaxMessages = 100,
        MaxMessageBytes = 1_000,
        DeduplicationWindow = TimeSpan.FromMinutes(3),
        Partitions = 2,
        Replicas = 1,
    };

    [TransportTheory(Undeclared = true)]
    [MemberData(nameof(DifficultInputs.EventOptions), MemberType = typeof(DifficultInputs))]
    public async Task An_option_of_an_event_that_is_not_known_is_refused_by_name(EventOption option)
    {
        var name = Fixture.NewEventName();
        var failure = await FailsAsync(
            BrokerErrorCode.FailedPrecondition, () => Transport.RegisterAsync(name, Only(option), CancellationToken.None).AsTask());

        // As in the wire contract (max_bytes) or as here (MaxBytes).
        Assert.Contains(
            option.ToString(), failure.Message.Replace("_", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);

        // It is not there.
        await FailsAsync(BrokerErrorCode.NotFound, () => Transport.UnregisterAsync(name, CancellationToken.None).AsTask());
    }

    [TransportTheory(TransportCapability.EventDescription)]
    [MemberData(nameof(DifficultInputs.EventOptions), MemberType = typeof(DifficultInputs))]
    public async Task An_option_of_an_event_that_is_known_is_described(EventOption option)
    {
        var name = Fixture.NewEventName();
        await Transport.RegisterAsync(name, Only(option), CancellationToken.None);
        var options = (await Transport.DescribeAsync(name, CancellationToken.None)).Options;
        Assert.Equal(Value(SomeOptions, option), Value(options, option));
    }

    [TransportFact(TransportCapability.ReplayFromBeginning, TransportCapability.Broadcast, Options = [EventOption.MaxMessages])]
    public async Task An_event_keeps_no_more_messages_than_it_was_registered_with()
    {
        await RegisterAnewAsync(new EventOptions { MaxMessages = 100 });
        await PublishBatchAsync(Numbers(0, 2_000).Select(t => new TransportMessage(Message(t))));
        await LostTheOldestAsync();
    }

    [TransportFact(TransportCapability.ReplayFromBeginning, TransportCapability.Broadcast, Options = [EventOption.MaxBytes])]
    public async Task An_event_keeps_no_more_bytes_than_it_was_registered_with()
    {
        await RegisterAnewAsync(new EventOptions { MaxBytes = 100_000 });
        for (var i = 0; i < 20; i++)
        {
            await PublishBatchAsync(Numbers(i * 100, 100).Select(t => new TransportMessage(Message(t.PadLeft(1_000, '0')))));
        }

        await LostTheOldestAsync();
    }

    [TransportFact(Options = [EventOption.MaxMessageBytes])]
    public async Task A_message_larger_than_those_of_its_event_is_refused()
    {
        await RegisterAnewAsync(new EventOptions { MaxMessageBytes = 1_000 });
        var subscriber = await SubscribeAsync();
        var large = new TransportMessage(Message(new string('x', 1_000)));
        await FailsAsync(BrokerErrorCode.ResourceExhausted, () => PublishAsync(large));
        var batch = await PublishBatchAsync(large, new TransportMessage(Message("small")));
        Assert.Equal((BrokerErrorCode.ResourceExhausted, true), (batch.GetFailure(0)?.Code, batch.GetFailure(0)?.IsFinal));
        Assert.Equal(["small"], await subscriber.TakeTextAsync(1));
    }

    private async Task LostTheOldestAsync()
    {
        await PublishAsync("end");
        var subscriber = await SubscribeAsync(new SubscribeOptions { Start = StartPosition.Beginning });
        var texts = new List<string>();
        while (texts.Count == 0 || texts[^1] != "end")
        {
            texts.AddRange(await subscriber.TakeTextAsync(1));
        }

        Assert.NotEqual("0", texts[0].TrimStart('0').PadLeft(1, '0'));
        Assert.InRange(texts.Count, 2, 1_999);
    }

    private static object? Value(EventOptions options, EventOption option) =>
        typeof(EventOptions).GetProperty(option.ToString())!.GetValue(options);

    private static EventOptions Only(EventOption option) => new()
    {
        Retention = option == EventOption.Retention ? SomeOptions.Retention : null,
        MaxBytes = option == EventOption.MaxBytes ? SomeOptions.MaxBytes : null,
        MaxMessages = option == EventOption.MaxMessages ? SomeOptions.MaxMessages : null,
        MaxMessageBytes = option == EventOption.MaxMessageBytes ? SomeOptions.MaxMessageBytes : null,
        DeduplicationWindow = option == EventOption.DeduplicationWindow ? SomeOptions.DeduplicationWindow : null,
        Partitions = option == EventOption.Partitions ? SomeOptions.Partitions : null,
        Replicas = option == EventOption.Replicas ? SomeOptions.Replicas : null,
    };
}
