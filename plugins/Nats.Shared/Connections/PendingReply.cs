using System.Buffers;
using EventBroker.Sdk.Errors;

namespace EventBroker.Nats.Connections;

/// <summary>Somebody who waits for one answer of the server.</summary>
internal abstract class PendingReply
{
    public long SentAt { get; set; }

    /// <summary>The answer has come; on the connection's reading thread.</summary>
    public abstract void Answer(ReadOnlySequence<byte> headers, ReadOnlySequence<byte> payload);

    /// <summary>No answer will come.</summary>
    public abstract void Fail(BrokerException why);
}
