using System.Buffers;
using EventBroker.Nats.Connections;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.JetStream.Places;

/// <summary>The server's answer to an ack: nothing, or that there is nobody to take it.</summary>
internal sealed class AckReply : PendingReply
{
    private const int NoResponders = 503;

    private readonly TaskCompletionSource<BrokerException?> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Gets a task that ends with the failure; null if the server has taken the ack.</summary>
    public Task<BrokerException?> Result => _answer.Task;

    /// <summary>Gets whether nobody was there to take it: the consumer is gone, or has no leader just now.</summary>
    public bool IsUnclaimed { get; private set; }

    public override void Answer(ReadOnlySequence<byte> headers, ReadOnlySequence<byte> payload)
    {
        IsUnclaimed = StatusLine.ReadCode(headers) == NoResponders;
        _answer.TrySetResult(IsUnclaimed ? new BrokerException(BrokerErrorCode.Unavailable, "no server takes the settlement just now") : null);
    }

    public override void Fail(BrokerException why) => _answer.TrySetResult(why);
}
