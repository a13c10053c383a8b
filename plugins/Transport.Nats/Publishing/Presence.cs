using System.Buffers;
using EventBroker.Nats.Connections;
using EventBroker.Sdk.Errors;

namespace EventBroker.Transport.Nats.Publishing;

/// <summary>Whether anybody listens to what was published: the server says so if nobody does, before it answers the ping that follows.</summary>
internal sealed class Presence : PendingReply
{
    private const int NoResponders = 503;

    /// <summary>Gets whether the server has said that nobody listens.</summary>
    public bool IsNobody { get; private set; }

    /// <summary>Gets why it is not known whether the server has the message; null if nothing went wrong.</summary>
    public BrokerException? Failure { get; private set; }

    public override void Answer(ReadOnlySequence<byte> headers, ReadOnlySequence<byte> payload) =>
        IsNobody = StatusLine.ReadCode(headers) == NoResponders;

    public override void Fail(BrokerException why) => Failure = why;
}
