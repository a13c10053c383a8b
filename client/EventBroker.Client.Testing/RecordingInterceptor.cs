using EventBroker.Sdk.Interception;

namespace EventBroker.Client.Testing;

/// <summary>Sees what the broker has taken: messages and settlements.</summary>
internal sealed class RecordingInterceptor : IInterceptor
{
    public Recorder<TestPublish> Published { get; } = new();

    public Recorder<TestSettlement> Settled { get; } = new();

    public InterceptionStages Stages => InterceptionStages.Publish | InterceptionStages.Settle;

    public async ValueTask PublishAsync(Sdk.Interception.PublishContext context, PublishNext next)
    {
        await next(context).ConfigureAwait(false);
        Published.Record(new TestPublish
        {
            EventName = context.EventName,
            MessageId = context.Message.GetId(),
            Source = context.Message.GetSource(),
            Payload = context.Message.GetPayload().ToArray(),
            Metadata = context.Message.GetMetadata(),
        });
    }

    public async ValueTask SettleAsync(SettleContext context, SettleNext next)
    {
        await next(context).ConfigureAwait(false);
        Settled.Record(new TestSettlement
        {
            EventName = context.EventName,
            MessageId = context.Message.GetId(),
            Kind = context.Settlement switch
            {
                Settlement.Ack => TestSettlementKind.Acked,
                Settlement.Nack => TestSettlementKind.Nacked,
                _ => TestSettlementKind.Extended,
            },
            Reason = context.Error,
            RetryCount = context.RetryCount,
        });
    }
}
