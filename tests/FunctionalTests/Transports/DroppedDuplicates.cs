using EventBroker.Sdk.Transports;

namespace EventBroker.FunctionalTests.Transports;

// A transport that drops what it has an id of already; ids that the broker has made up it does not remember.
internal sealed class DroppedDuplicates(ITransport inner) : TransportDecorator(inner)
{
    private readonly HashSet<string> _ids = [];

    public override async ValueTask<PublishReceipt> PublishAsync(string eventName, TransportMessage message, CancellationToken cancellationToken) =>
        IsNew(message) ? await base.PublishAsync(eventName, message, cancellationToken) : new PublishReceipt { IsDuplicate = true };

    public override async ValueTask PublishAsync(string eventName, PublishBatch batch, CancellationToken cancellationToken)
    {
        for (var i = 0; i < batch.Count; i++)
        {
            batch.Accept(i, await PublishAsync(eventName, batch[i], cancellationToken));
        }
    }

    protected override ITransportSubscription Decorate(ITransportSubscription subscription) => subscription;

    private bool IsNew(TransportMessage message)
    {
        lock (_ids)
        {
            return message.HasGeneratedId || _ids.Add(message.Message.GetId());
        }
    }
}
