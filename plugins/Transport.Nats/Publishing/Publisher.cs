using EventBroker.Nats.Connections;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Transport.Nats.Messages;
using NATS.Client.Core;

namespace EventBroker.Transport.Nats.Publishing;

/// <summary>Publishes, and finds out whether the server has the message and whether anybody listens.</summary>
internal sealed class Publisher(NatsLink link, ReplyInbox replies)
{
    private readonly Flusher _flusher = new(link);

    /// <summary>Sends a message; <see cref="Judge"/> tells what became of it.</summary>
    public async ValueTask<(Presence Presence, ulong Id)> SendAsync(string subject, EncodedMessage message, int attempts, CancellationToken cancellationToken)
    {
        var presence = new Presence();
        var headers = WireHeaders.Write(message, attempts);
        var payload = PayloadOf(message);
        if (payload.Length + headers.GetBytesLength() > link.MaxPayload)
        {
            presence.Fail(new BrokerException(
                BrokerErrorCode.ResourceExhausted, $"the message has more bytes with its headers than the NATS server takes, {link.MaxPayload}")
            {
                IsFinal = true,
            });
            return (presence, 0);
        }

        var reply = replies.Expect(presence, out var id);
        try
        {
            await link.Connection.PublishAsync(
                subject, payload, headers, reply, NatsRawSerializer<ReadOnlyMemory<byte>>.Default, cancellationToken: cancellationToken);
        }
        catch (Exception exception) when (
            exception is NatsException or ObjectDisposedException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            replies.Forget(id);
            presence.Fail(link.Unreachable(exception));
        }

        return (presence, id);
    }

    public Task<BrokerException?> FlushAsync() => _flusher.FlushAsync();

    /// <summary>Tells, after a flush, what became of a message.</summary>
    /// <returns>Null if it went to somebody.</returns>
    public BrokerException? Judge((Presence Presence, ulong Id) sent, BrokerException? flushed)
    {
        replies.Forget(sent.Id);
        return sent.Presence.Failure ?? flushed ?? (sent.Presence.IsNobody
            ? new BrokerException(
                BrokerErrorCode.FailedPrecondition, "nobody is subscribed to the event, and NATS without JetStream keeps nothing")
            : null);
    }

    // Without a copy: the message's bytes never change.
    private static ReadOnlyMemory<byte> PayloadOf(EncodedMessage message)
    {
        var payload = message.GetPayload();
        if (payload.IsEmpty)
        {
            return default;
        }

        var offset = (int)System.Runtime.CompilerServices.Unsafe.ByteOffset(
            ref System.Runtime.InteropServices.MemoryMarshal.GetReference(message.Bytes.Span),
            ref System.Runtime.InteropServices.MemoryMarshal.GetReference(payload));
        return message.Bytes.Slice(offset, payload.Length);
    }
}
