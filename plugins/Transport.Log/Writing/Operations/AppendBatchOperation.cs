using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Log.Writing.Operations;

/// <summary>Appends the messages of a batch that are not refused, in one commit.</summary>
internal sealed class AppendBatchOperation : TaskOperation<PublishReceipt?[]>
{
    private readonly LogEvent _target;
    private readonly TransportMessage[] _messages;
    private readonly BrokerException?[] _refusals;
    private readonly PublishReceipt?[] _receipts;

    public AppendBatchOperation(LogEvent target, PublishBatch batch)
    {
        // Copied: whoever waits may give up and use the batch again.
        _target = target;
        _messages = [.. Enumerable.Range(0, batch.Count).Select(i => batch[i])];
        _refusals = [.. _messages.Select((m, i) => batch.GetFailure(i) ?? target.Refuse(m))];
        _receipts = new PublishReceipt?[_messages.Length];
        Bytes = _messages.Sum(static m => (long)m.Message.Length);
    }

    public override bool NeedsRoom => true;

    public override long Bytes { get; }

    protected override PublishReceipt?[] Result => _receipts;

    public BrokerException? GetRefusal(int index) => _refusals[index];

    public override void Apply(WriteContext context)
    {
        for (var i = 0; i < _messages.Length; i++)
        {
            if (_refusals[i] is null)
            {
                _receipts[i] = AppendOperation.Append(context, _target, _messages[i]);
            }
        }
    }
}
